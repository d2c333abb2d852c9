import { expect, it } from 'vitest'
import type { Choice } from '../../fleet/choice.ts'
import { Random } from '../../random.ts'
import { MeasuredAccuracies } from './measured-accuracies.ts'

function choicesOf(...accuraciesPercent: readonly number[]): Choice[] {
  return accuraciesPercent.map((accuracyPercent, index) => ({
    placement: { tier: 'end' as const, variant: `d${index}` },
    accuracyPercent,
  }))
}

function boundOf(measured: MeasuredAccuracies, choices: readonly Choice[], index = 0): number {
  return measured.bounded(choices)[index]?.accuracyPercent ?? Number.NaN
}

it('excludes what the mixture is 1 / α times as likely as, by hand', () => {
  // One variant, α = 0.05, three of three right: B(4, 1) / p³ = 1 / (4 p³) = 20, so p = (1/80)^(1/3).
  const choices = choicesOf(100)
  const measured = new MeasuredAccuracies(choices, 0.95, 3)
  expect(boundOf(measured, choices)).toBeCloseTo(100 * (1 / 80) ** (1 / 3), 6)
  // Two variants share α: 1 / (4 p³) = 40.
  const two = choicesOf(100, 50)
  expect(boundOf(new MeasuredAccuracies(two, 0.95, 3), two)).toBeCloseTo(
    100 * (1 / 160) ** (1 / 3),
    6,
  )
})

it('knows nothing of mere claims, and more with every answer', () => {
  const choices = choicesOf(90)
  const measured = new MeasuredAccuracies(choices, 0.95, 0)
  const random = new Random(1)
  const [choice] = choices
  if (!choice) throw new Error('one choice')
  expect(boundOf(measured, choices)).toBe(0)
  const bounds = [100, 1000, 10_000, 100_000].map((answers) => {
    while ((measured.counts.get('d0')?.measured ?? 0) < answers) {
      measured.record(choice, random.uniform() < 0.9)
    }
    return boundOf(measured, choices)
  })
  expect(bounds).toEqual(bounds.toSorted((a, b) => a - b))
  expect(bounds.at(-1)).toBeGreaterThan(89)
  expect(bounds.at(-1)).toBeLessThan(90)
})

it('counts one variant wherever it serves', () => {
  const choices: Choice[] = (['end', 'edge'] as const).map((tier) => ({
    placement: { tier, variant: 'd0' },
    accuracyPercent: 80,
  }))
  const measured = new MeasuredAccuracies(choices, 0.9, 100)
  for (const choice of choices) measured.record(choice, true)
  expect(measured.counts).toEqual(new Map([['d0', { right: 82, measured: 102 }]]))
  expect(boundOf(measured, choices, 0)).toBe(boundOf(measured, choices, 1))
})

it('is above the truth at any time in fewer runs than it may be', () => {
  const [runs, answers, alpha] = [400, 300, 0.2]
  const choices = choicesOf(0)
  const [choice] = choices
  if (!choice) throw new Error('one choice')
  let broken = 0
  for (let run = 0; run < runs; run++) {
    const random = new Random(1000 + run)
    const measured = new MeasuredAccuracies(choices, 1 - alpha, 0)
    let isBroken = false
    for (let answer = 0; answer < answers && !isBroken; answer++) {
      measured.record(choice, random.uniform() < 0.75)
      isBroken = boundOf(measured, choices) > 75
    }
    broken += Number(isBroken)
  }
  expect(broken / runs).toBeLessThan(alpha)
  expect(broken).toBeGreaterThan(0)
})
