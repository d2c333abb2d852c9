import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { follow, freshWatch, hasRecovered } from './watch.ts'

/** Responses until an alarm; `most` if there is none. */
function stepsUntilAlarm(surprise: () => number, most: number): number {
  const watch = freshWatch<string>()
  for (let step = 1; step <= most; step++) if (follow(watch, surprise())) return step
  return most
}

it('adds up surprises beyond the drift, by hand', () => {
  const watch = freshWatch<string>()
  for (const [surprise, slower, faster, run] of [
    [1.2, 0.7, 0, 0],
    [2, 2.2, 0, 1],
    [9, 4.7, 0, 2],
    [-0.5, 3.7, 0, 0],
    [-9, 0.2, 2.5, -1],
    [-1.5, 0, 3.5, -2],
    [1.5, 1, 1.5, 1],
  ] as const) {
    expect(follow(watch, surprise)).toBeUndefined()
    expect(watch.slower).toBeCloseTo(slower, 12)
    expect(watch.faster).toBeCloseTo(faster, 12)
    expect(watch.run).toBe(run)
  }
})

it('finds a resource twice as slow after four responses', () => {
  expect(stepsUntilAlarm(() => 8, 100)).toBe(4)
})

it('finds nothing by surprises that are no run, however large their sum', () => {
  const watch = freshWatch<string>()
  // Two clear ones, one that is not: the sum is beyond the alarm from the sixth on.
  const surprises = [3, 3, 1.4, 3, 3, 1.4, 3, 3, 1.4]
  for (const surprise of surprises) expect(follow(watch, surprise)).toBeUndefined()
  expect(watch.slower).toBeGreaterThan(9.5)
  expect([3, 3, 3].map((surprise) => follow(watch, surprise))).toEqual([
    undefined,
    undefined,
    'slower',
  ])
})

it('tells slower from faster', () => {
  const watch = freshWatch<string>()
  for (let step = 0; step < 3; step++) expect(follow(watch, -8)).toBeUndefined()
  expect(follow(watch, -8)).toBe('faster')
})

it('finds a quarter more within ten responses', () => {
  const random = new Random(1)
  const steps = Array.from({ length: 200 }, () =>
    stepsUntilAlarm(() => 2.5 + random.normal(), 100),
  ).sort((a, b) => a - b)
  expect(steps[100]).toBeLessThanOrEqual(10)
})

it('hardly ever takes noise, or slow responses, for a change', () => {
  const random = new Random(2)
  for (const surprise of [
    () => random.normal(),
    () => (random.uniform() < 0.03 ? 14 : random.normal()),
  ]) {
    let alarms = 0
    for (let run = 0; run < 200; run++) if (stepsUntilAlarm(surprise, 300) < 300) alarms++
    expect(alarms).toBeLessThan(10)
  }
})

it('believes in a recovery that one response shows clearly, and in none that none does', () => {
  expect(hasRecovered(freshWatch('before'), 50)).toBe(true)
  // A clear one counts for three, and 1.5 is not yet enough.
  const doubtful = freshWatch('before')
  expect(hasRecovered(doubtful, 1.5)).toBe(false)
  expect(hasRecovered(doubtful, 0.01)).toBe(true)
  const refuted = freshWatch('before')
  for (let step = 0; step < 20; step++) {
    expect(hasRecovered(refuted, 1)).toBe(false)
    expect(hasRecovered(refuted, -5)).toBe(false)
    expect(refuted.evidence).toBe(0)
  }
})

it('keeps what was known before, and when and how it changed', () => {
  expect(freshWatch('before', true, 40)).toEqual({
    slower: 0,
    faster: 0,
    run: 0,
    before: 'before',
    isFaster: true,
    changedAt: 40,
    evidence: 0,
  })
  expect(freshWatch()).toMatchObject({ before: undefined, isFaster: false, changedAt: 0 })
})
