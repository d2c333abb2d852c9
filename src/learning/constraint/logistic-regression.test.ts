import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { derivatives, fitLogistic, type LabelledRows, loss } from './logistic-regression.ts'

const LAMBDA = 0.01

/** Rows of three indices out of `size`, some twice the same, with labels that no plane need separate. */
function randomData(random: Random, size: number): LabelledRows {
  const count = 1 + random.integer(30)
  return {
    rows: Array.from({ length: count }, () => [0, 1, 2].map(() => random.integer(size))),
    signs: Array.from({ length: count }, () => (random.uniform() < 0.5 ? 1 : -1)),
  }
}

it('is ln 2 per row before anything is learned', () => {
  const data = { rows: [[0], [1], [0, 1]], signs: [1, -1, 1] }
  expect(loss(data, LAMBDA, new Float64Array(2))).toBeCloseTo(3 * Math.LN2, 12)
})

it('has the derivatives of one row worked out by hand', () => {
  // z = ln 3, so the wrong label of a row of sign −1 has probability 3/4: gradient 3/4 + 0.01 · ln 3, curvature 3/4 · 1/4 + 0.01.
  const { gradient, hessian } = derivatives(
    { rows: [[0]], signs: [-1] },
    LAMBDA,
    Float64Array.of(Math.log(3)),
  )
  expect(gradient[0]).toBeCloseTo(0.75 + 0.01 * Math.log(3), 12)
  expect(hessian[0]).toBeCloseTo(0.1875 + 0.01, 12)
  // An index that occurs twice: z = 2w, so twice the slope and four times the curvature.
  const twice = derivatives({ rows: [[0, 0]], signs: [-1] }, 0, Float64Array.of(Math.log(3) / 2))
  expect(twice.gradient[0]).toBeCloseTo(1.5, 12)
  expect(twice.hessian[0]).toBeCloseTo(0.75, 12)
})

it('has the gradient and the Hessian that finite differences give', () => {
  const random = new Random(1)
  const step = 1e-5
  for (let round = 0; round < 20; round++) {
    const size = 4
    const data = randomData(random, size)
    const weights = Float64Array.from({ length: size }, () => random.normal())
    const { gradient, hessian } = derivatives(data, LAMBDA, weights)
    const moved = (i: number, by: number) =>
      weights.map((weight, j) => (i === j ? weight + by : weight))
    for (let i = 0; i < size; i++) {
      const [up, down] = [moved(i, step), moved(i, -step)]
      const slope = (loss(data, LAMBDA, up) - loss(data, LAMBDA, down)) / (2 * step)
      expect(gradient[i]).toBeCloseTo(slope, 6)
      const above = derivatives(data, LAMBDA, up).gradient
      const below = derivatives(data, LAMBDA, down).gradient
      for (let j = 0; j < size; j++) {
        const curvature = (above[j] - below[j]) / (2 * step)
        expect(hessian[i * size + j]).toBeCloseTo(curvature, 6)
      }
    }
  }
})

it('finds the minimum of one row, where λw is the probability of the wrong label', () => {
  const [weight = NaN] = fitLogistic({ rows: [[0]], signs: [1] }, LAMBDA, new Float64Array(1))
  expect(LAMBDA * weight).toBeCloseTo(1 / (1 + Math.exp(weight)), 10)
  expect(weight).toBeCloseTo(3.359, 2)
})

it('ends where gradient descent ends, from wherever it starts', () => {
  const random = new Random(2)
  for (let round = 0; round < 10; round++) {
    const data = randomData(random, 4)
    let slow = new Float64Array(4)
    for (let step = 0; step < 20_000; step++) {
      const { gradient } = derivatives(data, 0.1, slow)
      slow = slow.map((weight, i) => weight - 0.02 * gradient[i])
    }
    for (const start of [0, 50]) {
      const fast = fitLogistic(data, 0.1, new Float64Array(4).fill(start))
      for (let i = 0; i < 4; i++) expect(fast[i]).toBeCloseTo(slow[i], 5)
    }
  }
})

it('leaves a weight that no row uses at zero', () => {
  expect(fitLogistic({ rows: [[1]], signs: [1] }, LAMBDA, new Float64Array(3))[0]).toBe(0)
  expect(fitLogistic({ rows: [], signs: [] }, LAMBDA, new Float64Array(2))).toEqual(
    new Float64Array(2),
  )
})
