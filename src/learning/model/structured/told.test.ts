import { expect, it } from 'vitest'
import { logLikelihood, surpriseOf, toldBy, typical } from './told.ts'

const KNOWN = { mean: Math.log(100), variance: 0.01 }

it('tells the logarithm of what is left without the delay, by hand', () => {
  const delay = { mean: 30, variance: 16 }
  const { value, variance } = toldBy(150, delay, delay.variance, KNOWN, 0.0064)
  expect(value).toBeCloseTo(Math.log(120), 12)
  // Noise in proportion to the 130 ms expected, and the delay's own variance, over 100².
  expect(variance).toBeCloseTo((16 + 0.0064 * 130 ** 2) / 100 ** 2, 12)
})

it('expects what came where nothing surer is known: else a fast response would count for more', () => {
  const delay = { mean: 100, variance: 0 }
  const unsure = { mean: Math.log(100), variance: 6 }
  // 5000 ms, of which 4900 without the delay.
  const { value, variance } = toldBy(5000, delay, 0, unsure, 0.0064)
  expect(value).toBeCloseTo(Math.log(4900), 12)
  expect(variance).toBeCloseTo(0.0064 * (5000 / 4900) ** 2, 12)
  // Known to be 100 ms and as much delay, whatever came.
  for (const ms of [150, 5000]) {
    expect(toldBy(ms, delay, 0, KNOWN, 0.0064).variance).toBeCloseTo(0.0064 * 4, 12)
  }
})

it('lets a delay explain no more than 85 % of a response', () => {
  const delay = { mean: 400, variance: 0 }
  expect(toldBy(200, delay, 0, KNOWN, 0.01).value).toBeCloseTo(Math.log(30), 12)
})

it('takes no sample for worse than nothing', () => {
  const delay = { mean: 0, variance: 1e6 }
  expect(toldBy(100, delay, delay.variance, KNOWN, 0.01).variance).toBe(4)
})

it('is the same for a fleet a thousand times slower', () => {
  const slower = (factor: number) =>
    toldBy(
      150 * factor,
      { mean: 30 * factor, variance: 16 * factor ** 2 },
      16 * factor ** 2,
      { mean: Math.log(100 * factor), variance: 0.01 },
      0.0064,
    )
  expect(slower(1000).value).toBeCloseTo(slower(1).value + Math.log(1000), 9)
  expect(slower(1000).variance).toBeCloseTo(slower(1).variance, 9)
})

it('takes the median of a round, which is a little less sure than its mean', () => {
  const of = (...values: number[]) =>
    values.map((value, i) => ({ value, variance: 0.01 * (i + 1) }))
  expect(typical(of(5))).toEqual({ value: 5, variance: 0.01 })
  // Of two the lower, each as good: the mean would have half the variance.
  expect(typical(of(7, 5))).toEqual({ value: 5, variance: 0.005 })
  const three = typical(of(9, 5, 6))
  expect(three.value).toBe(6)
  expect(three.variance).toBeCloseTo((Math.PI / 2) * (0.02 / 3), 4)
  expect(typical(of(5, 5.1, 5.2, 5.3, 900)).value).toBe(5.2)
})

it('says by how many deviations a sample is slower than believed, and how likely it is', () => {
  const told = { value: 5, variance: 0.07 }
  const belief = { mean: 4.4, variance: 0.04 }
  // √(0.04 + 0.07) = 0.3317
  expect(surpriseOf(told, belief)).toBeCloseTo(0.6 / Math.sqrt(0.11), 12)
  expect(surpriseOf({ ...told, value: 3.8 }, belief)).toBeCloseTo(-0.6 / Math.sqrt(0.11), 12)
  // log N(5; 4.4, 0.11) without - log √(2π)
  expect(logLikelihood(told, belief)).toBeCloseTo(-0.5 * (0.36 / 0.11 + Math.log(0.11)), 12)
})
