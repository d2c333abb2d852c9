import { expect, it } from 'vitest'
import type { Problem } from '../environment/environment.ts'
import type { Label } from './goal-labels.ts'
import { ViolationHead } from './violation-head.ts'

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 0,
  choices: [90, 70].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}

/** Decisions 00, 01, 10, 11. */
const LABELS = new Map<number, Label>([
  [0, 'met'],
  [3, 'broken'],
])

function headOf(tied: boolean, pooled = false): ViolationHead {
  return new ViolationHead(PROBLEM, { regularization: 0.01, tied, pooled })
}

it('adds the weights of the choices taken, and the bias', () => {
  const untied = headOf(false).scores(Float64Array.of(1, 2, 10, 20, 100))
  expect([...untied]).toEqual([111, 121, 112, 122])
  expect([...headOf(true).scores(Float64Array.of(1, 2, 100))]).toEqual([102, 103, 103, 104])
  const pooled = headOf(false, true).scores(Float64Array.of(1, 2, 10, 20, 1000, 2000, 5))
  expect([...pooled]).toEqual([2016, 3026, 3017, 4027])
})

it('learns the same of two choices of opposite labels, and nothing of the bias', () => {
  for (const [tied, timesPerRow] of [
    [false, 1],
    [true, 2],
  ] as const) {
    const weights = headOf(tied).fit(LABELS)
    expect(weights).toHaveLength(tied ? 3 : 5)
    expect(weights.at(-1)).toBeCloseTo(0, 9)
    // By symmetry every weight is w or −w and z is 2w; at the minimum λw is the wrong label's probability, once per occurrence.
    const [met = NaN, broken = NaN] = weights
    expect(met).toBeCloseTo(-broken, 9)
    const wrong = 1 / (1 + Math.exp(2 * broken))
    expect(0.01 * broken).toBeCloseTo(wrong * timesPerRow, 8)
  }
})

it('sees what lies between two labels as even', () => {
  for (const tied of [false, true]) {
    const head = headOf(tied)
    const [met = NaN, first = NaN, second = NaN, broken = NaN] = head.scores(head.fit(LABELS))
    expect(met).toBeLessThan(-3)
    expect(broken).toBeGreaterThan(3)
    expect(first).toBeCloseTo(0, 5)
    expect(second).toBeCloseTo(0, 5)
  }
})

it('guesses of one device what it learned on another only where they share something', () => {
  const labels = new Map<number, Label>([
    [0, 'met'],
    [2, 'broken'],
  ])
  // Device 0 broke the goal by choice 1; device 1 never took it.
  const differenceOf = (head: ViolationHead) => {
    const [met = NaN, other = NaN] = head.scores(head.fit(labels))
    return other - met
  }
  expect(differenceOf(headOf(false))).toBeLessThan(2)
  expect(differenceOf(headOf(false, true))).toBeGreaterThan(differenceOf(headOf(false)) + 1)
  expect(differenceOf(headOf(true))).toBeGreaterThan(4)
})

it('starts where it is told and ends at the same plane', () => {
  const head = headOf(false)
  const cold = head.fit(LABELS)
  const more = new Map([...LABELS, [1, 'met'] as const])
  const warm = head.fit(more, cold)
  for (const [i, weight] of head.fit(more).entries()) expect(warm[i]).toBeCloseTo(weight, 6)
  expect(warm).not.toEqual(cold)
})
