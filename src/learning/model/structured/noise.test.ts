import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import {
  addResidual,
  addTo,
  excessOver,
  freshMoments,
  freshNoise,
  inflation,
  logVariance,
  type Moments,
  slowFrom,
  slowRate,
  smearing,
} from './noise.ts'

function momentsOf(values: readonly number[]): Moments {
  const moments = freshMoments()
  for (const value of values) addTo(moments, value)
  return moments
}

it('starts with a deviation of 15 % that counts like five residuals, by hand', () => {
  const noise = freshNoise()
  expect(logVariance(noise)).toBeCloseTo(0.15 ** 2, 12)
  addResidual(noise, 0.1, 0)
  expect(noise.squares).toBeCloseTo(0.01 / 0.94, 12)
  expect(logVariance(noise)).toBeCloseTo((5 * 0.0225 + 0.01 / 0.94) / 6, 12)
})

it('blames the belief for its share of a residual', () => {
  const noise = freshNoise()
  // As unsure as a response: half of the square is noise.
  addResidual(noise, 0.1, 0.0225)
  expect(noise.squares).toBeCloseTo(0.005 / 0.94, 12)
})

it('counts a residual up to 2.5 deviations, before and after the same alike', () => {
  const noise = freshNoise()
  addResidual(noise, 5, 0)
  expect(noise.squares).toBeCloseTo((6.25 * 0.0225) / 0.94, 12)
  const other = freshNoise()
  addResidual(other, -5, 0)
  expect(other).toEqual(noise)
})

it.each([0.02, 0.08, 0.3, 0.6])('learns a normal deviation of %d within a tenth', (deviation) => {
  const random = new Random(1)
  const noise = freshNoise()
  for (let i = 0; i < 2000; i++) addResidual(noise, deviation * random.normal(), 0)
  expect(Math.abs(Math.sqrt(logVariance(noise)) / deviation - 1)).toBeLessThan(0.1)
})

it('learns the deviation of the bulk where one response in twenty is far too slow', () => {
  const random = new Random(2)
  const noise = freshNoise()
  for (let i = 0; i < 2000; i++) {
    addResidual(noise, 0.1 * random.normal() + (random.uniform() < 0.05 ? 1.1 : 0), 0)
  }
  // Unbounded it would be √(0.1² + 0.05 · 1.1²) = 0.27.
  expect(Math.sqrt(logVariance(noise))).toBeLessThan(0.16)
})

it('forgets residuals beyond two thousand, so that noise may change', () => {
  const noise = freshNoise()
  for (let i = 0; i < 5000; i++) addResidual(noise, 0.3, 0)
  expect(noise.count).toBe(2000)
  for (let i = 0; i < 20_000; i++) addResidual(noise, 0.05, 0)
  expect(noise.count).toBe(2000)
  expect(Math.abs(Math.sqrt(logVariance(noise)) / (0.05 / Math.sqrt(0.94)) - 1)).toBeLessThan(0.02)
})

it('expects slow responses as often as few of 25 were, and never more than a fifth', () => {
  expect(slowRate(freshNoise())).toBeCloseTo(0.6 / 25, 12)
  expect(slowRate({ ...freshNoise(), slow: 3, folded: 75 })).toBeCloseTo(3.6 / 100, 12)
  expect(slowRate({ ...freshNoise(), slow: 500, folded: 600 })).toBe(0.2)
})

it('takes a response for slow from a factor of 1.5, or three deviations of the noise', () => {
  // σ = 0.15: three are 0.45.
  expect(slowFrom(freshNoise())).toBeCloseTo(0.45, 12)
  const quiet = { ...freshNoise(), squares: 0.01, count: 1000 }
  expect(slowFrom(quiet)).toBe(0.4)
  const loud = { ...freshNoise(), squares: 250, count: 1000 }
  expect(slowFrom(loud)).toBeCloseTo(3 * Math.sqrt(logVariance(loud)), 12)
})

it('adds up moments, and forgets those beyond two thousand', () => {
  expect(momentsOf([1, 2, 4])).toEqual({ count: 3, sum: 7, squares: 21 })
  const many = momentsOf(Array.from({ length: 3000 }, () => 2))
  expect(many.count).toBeCloseTo(2000, 9)
  expect(many.sum / many.count).toBeCloseTo(2, 12)
  expect(many.squares / many.count).toBeCloseTo(4, 12)
})

it('says what a mean is beyond two standard errors, by hand', () => {
  // Mean 3, variance 2/3, standard error √(2/9) = 0.4714.
  const moments = momentsOf([2, 3, 4])
  expect(excessOver(moments, 1)).toBeCloseTo(2 - 2 * Math.sqrt(2 / 9), 12)
  expect(excessOver(moments, 5)).toBeCloseTo(-2 + 2 * Math.sqrt(2 / 9), 12)
  expect(excessOver(moments, 2.5)).toBe(0)
  expect(excessOver(momentsOf([7]), 0)).toBe(0)
  expect(excessOver(freshMoments(), 0)).toBe(0)
})

it('is worth less by the correlation that is beyond chance', () => {
  expect(inflation(freshMoments())).toBe(1)
  // A mean product of 0.5, all alike: (1 + 0.5) / (1 - 0.5).
  expect(inflation(momentsOf(Array(50).fill(0.5)))).toBeCloseTo(3, 9)
  expect(inflation(momentsOf(Array(50).fill(-0.5)))).toBe(1)
  expect(inflation(momentsOf(Array(50).fill(4)))).toBeCloseTo(1.96 / 0.04, 9)
  const random = new Random(3)
  expect(
    inflation(momentsOf(Array.from({ length: 400 }, () => random.normal() * random.normal()))),
  ).toBe(1)
})

it('gives a group the mean of its tail where that is its own, by hand', () => {
  const same = (mean: number) => ({ count: 100, sum: 100 * mean, squares: 100 * mean * mean })
  expect(smearing(freshMoments(), freshMoments())).toBe(1)
  // What all have in common is 1.1; the group is 20 % above.
  expect(smearing(same(1.1), same(1.1))).toBeCloseTo(1.1, 9)
  expect(smearing(same(1.1), same(1.32))).toBeCloseTo(1.32, 9)
  // 0.2 above, but its standard error is 0.1: nothing is sure.
  const scattered = { count: 100, sum: 130, squares: 269 }
  expect(smearing(same(1.1), scattered)).toBeCloseTo(1.1, 9)
})

it('changes no order by a tail that all groups share', () => {
  const random = new Random(4)
  const lognormal = () => Math.exp(0.5 * random.normal())
  const groups = Array.from({ length: 4 }, () =>
    momentsOf(Array.from({ length: 500 }, () => lognormal())),
  )
  const all = momentsOf(Array.from({ length: 2000 }, () => lognormal()))
  const factors = groups.map((group) => smearing(all, group))
  // The mean of e^ε is e^(σ²/2) = 1.133; two standard errors below it at least.
  for (const factor of factors) expect(Math.abs(factor / factors[0] - 1)).toBeLessThan(0.02)
  expect(factors[0]).toBeGreaterThan(1.06)
  expect(factors[0]).toBeLessThan(1.15)
})
