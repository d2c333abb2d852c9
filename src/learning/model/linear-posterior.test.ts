import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { LinearPosterior } from './linear-posterior.ts'

it('weighs prior and observation by their precision (by hand)', () => {
  const posterior = new LinearPosterior(Float64Array.of(1), 2)
  // Prior N(1, 4), observation 5 with variance 1: mean (1/4 + 5) / (1/4 + 1) = 4.2, variance 1 / 1.25 = 0.8
  posterior.observe({ indices: [0], values: [1] }, 5, 1)
  const { mean, covariance } = posterior.save()
  expect(mean[0]).toBeCloseTo(4.2, 12)
  expect(covariance[0]).toBeCloseTo(0.8, 12)
})

it('learns that two weights trade off when only their sum is seen', () => {
  const posterior = new LinearPosterior(new Float64Array(3), 1)
  // Prior variance of the sum 2, noise variance 2: the mean of each moves by 1/4 of the error.
  posterior.observe({ indices: [0, 1], values: [1, 1] }, 8, Math.SQRT2)
  const { mean, covariance } = posterior.save()
  expect([...mean]).toEqual([2, 2, 0].map((value) => expect.closeTo(value, 12)))
  const expected = [0.75, -0.25, 0, -0.25, 0.75, 0, 0, 0, 1]
  expect([...covariance]).toEqual(expected.map((value) => expect.closeTo(value, 12)))
})

/** The mean that solves (XᵀX / noise² + I / prior²) mean = Xᵀy / noise² by Gaussian elimination. */
function ridge(rows: readonly number[][], values: readonly number[], noise: number, prior: number) {
  const size = rows[0]?.length ?? 0
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) =>
      rows.reduce(
        (sum, x) => sum + ((x[i] ?? 0) * (x[j] ?? 0)) / noise ** 2,
        i === j ? prior ** -2 : 0,
      ),
    ),
    rows.reduce((sum, x, row) => sum + ((x[i] ?? 0) * (values[row] ?? 0)) / noise ** 2, 0),
  ])
  for (const [i, pivot] of system.entries()) {
    for (const [j, other] of system.entries()) {
      if (i === j) continue
      const factor = (other[i] ?? 0) / (pivot[i] ?? 1)
      for (let k = i; k <= size; k++) other[k] = (other[k] ?? 0) - factor * (pivot[k] ?? 0)
    }
  }
  return system.map((row, i) => (row[size] ?? NaN) / (row[i] ?? NaN))
}

it('equals ridge regression on all observations at once (fuzz)', () => {
  const random = new Random(3)
  for (let round = 0; round < 20; round++) {
    const size = 1 + random.integer(6)
    const [noise, prior] = [0.1 + random.uniform(), 0.5 + 2 * random.uniform()]
    const posterior = new LinearPosterior(new Float64Array(size), prior)
    const rows: number[][] = []
    const values: number[] = []
    for (let count = 0; count < 15; count++) {
      const row = Array.from({ length: size }, () => (random.uniform() < 0.5 ? 0 : random.normal()))
      const indices = [...row.keys()].filter((i) => row[i] !== 0)
      const value = random.normal()
      posterior.observe({ indices, values: indices.map((i) => row[i] ?? NaN) }, value, noise)
      rows.push(row)
      values.push(value)
    }
    const expected = ridge(rows, values, noise, prior)
    expect([...posterior.save().mean]).toEqual(expected.map((value) => expect.closeTo(value, 8)))
  }
})

it('projects as the explicit matrix product does, and continues after restore', () => {
  const random = new Random(4)
  const posterior = new LinearPosterior(new Float64Array(6), 1)
  for (let count = 0; count < 8; count++) {
    const values = Array.from({ length: 6 }, () => random.normal())
    posterior.observe({ indices: [0, 1, 2, 3, 4, 5], values }, random.normal(), 0.5)
  }
  const restored = new LinearPosterior(new Float64Array(6), 9)
  restored.restore(structuredClone(posterior.save()))
  const context = [1, 0, -2]
  const { mean, covariance } = restored.project(Float64Array.from(context))
  const { mean: weights, covariance: full } = posterior.save()
  for (const i of [0, 1]) {
    const expected = context.reduce((sum, x, k) => sum + x * (weights[3 * i + k] ?? NaN), 0)
    expect(mean[i]).toBeCloseTo(expected, 12)
    for (const j of [0, 1]) {
      let variance = 0
      for (const [k, x] of context.entries()) {
        for (const [l, y] of context.entries()) {
          variance += x * y * (full[(3 * i + k) * 6 + 3 * j + l] ?? NaN)
        }
      }
      expect(covariance[2 * i + j]).toBeCloseTo(variance, 12)
    }
  }
})
