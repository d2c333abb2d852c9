import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { LinearPosterior } from './linear-posterior.ts'

/** That never forgets and takes every row as it is. */
function posteriorOf(size: number, prior: { mean: number; deviation: number }, noise: number) {
  const posterior = new LinearPosterior({
    noise: { deviation: noise, rows: 1 },
    memory: Infinity,
    clip: Infinity,
  })
  posterior.grow(Array.from({ length: size }, () => prior))
  return posterior
}

it('weighs prior and observation by their precision (by hand)', () => {
  const posterior = posteriorOf(1, { mean: 1, deviation: 2 }, 1)
  // Prior N(1, 4), observation 5 with variance 1: mean (1/4 + 5) / (1/4 + 1) = 4.2, variance 1 / 1.25 = 0.8
  posterior.observe({ indices: [0], values: [1] }, 5)
  const { mean, covariance } = posterior.save()
  expect(mean[0]).toBeCloseTo(4.2, 12)
  expect(covariance[0]).toBeCloseTo(0.8, 12)
})

it('learns that two weights trade off when only their sum is seen', () => {
  const posterior = posteriorOf(3, { mean: 0, deviation: 1 }, Math.SQRT2)
  // Prior variance of the sum 2, noise variance 2: the mean of each moves by 1/4 of the error.
  posterior.observe({ indices: [0, 1], values: [1, 1] }, 8)
  const { mean, covariance } = posterior.save()
  expect([...mean]).toEqual([2, 2, 0].map((value) => expect.closeTo(value, 12)))
  // In units of the noise variance.
  const expected = [0.75, -0.25, 0, -0.25, 0.75, 0, 0, 0, 1]
  expect([...covariance].map((value) => 2 * value)).toEqual(
    expected.map((value) => expect.closeTo(value, 12)),
  )
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
    const posterior = posteriorOf(size, { mean: 0, deviation: prior }, noise)
    const rows: number[][] = []
    const values: number[] = []
    for (let count = 0; count < 15; count++) {
      const row = Array.from({ length: size }, () => (random.uniform() < 0.5 ? 0 : random.normal()))
      const indices = [...row.keys()].filter((i) => row[i] !== 0)
      const value = random.normal()
      posterior.observe({ indices, values: indices.map((i) => row[i] ?? NaN) }, value)
      rows.push(row)
      values.push(value)
    }
    const expected = ridge(rows, values, noise, prior)
    expect([...posterior.save().mean]).toEqual(expected.map((value) => expect.closeTo(value, 8)))
  }
})

it('projects as the explicit matrix product does, and continues after restore', () => {
  const random = new Random(4)
  const posterior = posteriorOf(3, { mean: 0, deviation: 1 }, 0.5)
  for (let count = 0; count < 8; count++) {
    const values = Array.from({ length: 3 }, () => random.normal())
    posterior.observe({ indices: [0, 1, 2], values }, random.normal())
  }
  const restored = posteriorOf(1, { mean: 9, deviation: 9 }, 9)
  restored.restore(structuredClone(posterior.save()))
  const matrix = [
    [1, 0, -2],
    [0, 3, 1],
  ]
  const rows = matrix.map((values) => ({ indices: [0, 1, 2], values }))
  const { mean, covariance } = restored.project(rows)
  const { mean: weights, covariance: full } = posterior.save()
  const product = (x: number[], y: (j: number) => number) =>
    x.reduce((sum, value, j) => sum + value * y(j), 0)
  for (const [i, x] of matrix.entries()) {
    expect(mean[i]).toBeCloseTo(
      product(x, (j) => weights[j] ?? NaN),
      12,
    )
    for (const [k, y] of matrix.entries()) {
      const variance = product(x, (j) => product(y, (l) => full[3 * j + l] ?? NaN))
      expect(covariance[2 * i + k]).toBeCloseTo(variance, 12)
    }
  }
  expect(restored.noiseDeviation).toBe(posterior.noiseDeviation)
})

/** One weight of 5, seen so often with this noise. */
function watched(options: { memory: number; clip: number }, count: number, value: () => number) {
  const posterior = new LinearPosterior({ noise: { deviation: 1, rows: 4 }, ...options })
  posterior.grow([{ mean: 0, deviation: 10 }])
  for (let i = 0; i < count; i++) posterior.observe({ indices: [0], values: [1] }, value())
  return posterior
}

it('estimates the noise from what it could not foresee', () => {
  const random = new Random(5)
  const posterior = watched({ memory: Infinity, clip: 3 }, 400, () => 5 + 0.2 * random.normal())
  expect(posterior.noiseDeviation).toBeGreaterThan(0.2)
  expect(posterior.noiseDeviation).toBeLessThan(0.25)
})

it('takes an outlier for one bad row and no more', () => {
  const random = new Random(6)
  const posterior = watched({ memory: Infinity, clip: 3 }, 100, () => 5 + 0.2 * random.normal())
  const [before = NaN] = posterior.save().mean
  posterior.observe({ indices: [0], values: [1] }, 1e6)
  expect(posterior.save().mean[0]).toBeCloseTo(before, 1)
  expect(posterior.noiseDeviation).toBeLessThan(0.3)
})

it('follows a change if it forgets, and else lags behind', () => {
  const meanAfter = (memory: number) => {
    const posterior = watched({ memory, clip: Infinity }, 400, () => 5)
    for (let i = 0; i < 100; i++) posterior.observe({ indices: [0], values: [1] }, 6)
    return posterior.save().mean[0]
  }
  expect(meanAfter(20)).toBeGreaterThan(5.9)
  expect(meanAfter(Infinity)).toBeLessThan(5.3)
})
