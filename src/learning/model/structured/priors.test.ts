import { expect, it } from 'vitest'
import { cholesky } from '../../linear-algebra.ts'
import { addResidual, freshNoise, relativeVariance, slowRate } from './noise.ts'
import { delayPrior, localPrior, stateShift } from './priors.ts'

it('expects more of what computes more, and nothing of precision', () => {
  const { means, covariance } = localPrior([
    { megaMacs: 569 },
    { megaMacs: 41 },
    { megaMacs: 569, precision: 'INT8' },
    { megaMacs: 41, precision: 'INT8' },
    {},
  ])
  // 50 + 0.5 · 569 and 50 + 0.5 · 41 ms.
  expect(means[0]).toBeCloseTo(Math.log(334.5), 12)
  expect(means[1]).toBeCloseTo(Math.log(70.5), 12)
  expect(means[2]).toBe(means[0])
  expect(means[3]).toBe(means[1])
  expect(Number.isFinite(means[4])).toBe(true)
  // A covariance: its factor multiplied out is itself.
  const lower = cholesky(covariance)
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k <= j; k++) sum += lower[i * 5 + k] * lower[j * 5 + k]
      expect(sum).toBeCloseTo(covariance[i * 5 + j], 9)
    }
  }
})

it('knows the regular link of the choice that the node is measured by, and no other', () => {
  const choice = { placement: { tier: 'edge' as const, variant: 'd0' }, accuracyPercent: 89.9 }
  expect(delayPrior(choice, 0, true)).toEqual({ meanMs: 0, deviationMs: 0, spreadMs: 25 })
  expect(delayPrior(choice, 0, false).deviationMs).toBeGreaterThan(0)
  const means = [1, 2, 4, 7].map((links) => delayPrior(choice, links, true).meanMs)
  expect(means).toEqual([80, 20, 20, 120])
})

it('expects higher levels and busy memory to be slower', () => {
  expect(stateShift(0, 0)).toBe(0)
  const shifts = Array.from({ length: 9 }, (_, level) => stateShift(0, 2 * level))
  for (let level = 1; level < 9; level++)
    expect(shifts[level]).toBeGreaterThan(shifts[level - 1] ?? 9)
  expect(stateShift(0, 1)).toBeGreaterThan(0)
  expect(stateShift(16, 0)).toBeCloseTo(-(shifts[8] ?? 0), 12)
})

it('learns noise and the share of slow responses from a prior that counts like a few', () => {
  const noise = freshNoise()
  expect(relativeVariance(noise)).toBeCloseTo(0.01, 12)
  expect(slowRate(noise)).toBeCloseTo(0.6 / 25, 12)
  for (let i = 0; i < 990; i++) addResidual(noise, 0.05, 1)
  expect(relativeVariance(noise)).toBeCloseTo((10 * 0.01 + 990 * 0.0025) / 1000, 12)
  // A residual beyond three deviations counts for no more than that.
  const before = noise.squares
  addResidual(noise, 5, 1)
  expect(noise.squares - before).toBeLessThan(9 * 0.003)
  expect(slowRate({ ...noise, slow: 500, folded: 600 })).toBe(0.2)
})
