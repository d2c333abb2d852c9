import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { draw, normalCumulative, normalDensity } from './gaussian.ts'

it('draws with the covariance it is given', () => {
  const random = new Random(2)
  const mean = Float64Array.of(1, -2)
  const draws = Array.from({ length: 20_000 }, () =>
    draw(mean, Float64Array.of(4, 2, 2, 5), random),
  )
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const first = draws.map(([x]) => x - 1)
  const second = draws.map(([, y]) => y + 2)
  expect(average(first)).toBeCloseTo(0, 1)
  expect(average(second)).toBeCloseTo(0, 1)
  expect(Math.abs(average(first.map((x) => x * x)) - 4)).toBeLessThan(0.15)
  expect(Math.abs(average(first.map((x, i) => x * second[i])) - 2)).toBeLessThan(0.15)
  expect(Math.abs(average(second.map((y) => y * y)) - 5)).toBeLessThan(0.2)
})

it('knows the normal distribution', () => {
  expect(normalDensity(0, 1)).toBeCloseTo(0.3989422804, 9)
  expect(normalDensity(2, 4)).toBeCloseTo(Math.exp(-0.5) / Math.sqrt(8 * Math.PI), 12)
  for (const [x, probability] of [
    [0, 0.5],
    [1, 0.8413447461],
    [-1, 0.1586552539],
    [1.959964, 0.975],
    [-6, 9.865876e-10],
  ] as const) {
    expect(Math.abs(normalCumulative(x) - probability)).toBeLessThan(1e-7)
  }
})
