import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { inverse, times } from '../../linear-algebra.ts'
import { type Cell, emptyCell } from './cell.ts'
import { LocalTimes, type Row } from './local-times.ts'
import { freshWatch } from './watch.ts'

const PRIOR = {
  means: Float64Array.of(5, 4, 4.5),
  covariance: Float64Array.of(0.8, 0.5, 0.5, 0.5, 0.9, 0.4, 0.5, 0.4, 0.7),
}
const VARIANTS = 3

function cellOf(precision: number, mean: number): Cell {
  return { ...emptyCell(), precision, sum: precision * mean }
}

function rowOf(cells: (Cell | undefined)[], classIndex = 0): Row {
  const watch = freshWatch<Row>(undefined, 0)
  return { classIndex, means: new Float64Array(VARIANTS), speedVariance: 0.49, cells, watch }
}

function estimateOf(local: LocalTimes, row: Row) {
  const means = new Float64Array(VARIANTS)
  const variances = new Float64Array(VARIANTS)
  local.estimate(row, means, variances)
  return { means, variances }
}

it('starts with the prior, widened by what devices and variants deviate', () => {
  const { means, variances } = estimateOf(new LocalTimes(PRIOR, 1), rowOf([]))
  expect([...means]).toEqual([5, 4, 4.5])
  expect(variances[1]).toBeCloseTo(0.9 + 0.4 ** 2 + 0.15 ** 2, 12)
})

it('agrees with the joint normal distribution of all devices and variants (fuzz)', () => {
  const random = new Random(7)
  for (let round = 0; round < 20; round++) {
    const rows = Array.from({ length: 1 + random.integer(3) }, () =>
      rowOf(
        Array.from({ length: VARIANTS }, () =>
          random.uniform() < 0.5
            ? undefined
            : cellOf(5 + 200 * random.uniform(), 5 + random.normal()),
        ),
      ),
    )
    const local = new LocalTimes(PRIOR, 1)
    local.refresh(rows)
    const { speed, deviation } = local.spread
    const expected = jointPosterior(rows, speed, deviation)
    for (const [index, row] of rows.entries()) {
      const { means, variances } = estimateOf(local, row)
      for (let k = 0; k < VARIANTS; k++) {
        expect(means[k]).toBeCloseTo(expected.mean(index, k), 6)
        expect(variances[k]).toBeCloseTo(expected.variance(index, k), 6)
      }
    }
  }
})

it('carries what one device shows to the others of its class alone', () => {
  const local = new LocalTimes(PRIOR, 2)
  const seen = rowOf([cellOf(150, 6)])
  local.refresh([seen])
  expect(estimateOf(local, rowOf([])).means[0]).toBeGreaterThan(5.5)
  expect(estimateOf(local, rowOf([])).means[1]).toBeGreaterThan(4.3)
  expectPrior(estimateOf(local, rowOf([], 1)).means)
})

it('shares nothing with a row that has means of its own', () => {
  const local = new LocalTimes(PRIOR, 1)
  const own = { ...rowOf([cellOf(150, 3)], -1), means: Float64Array.of(2, 2, 2) }
  local.refresh([own])
  expectPrior(estimateOf(local, rowOf([])).means)
  const { means, variances } = estimateOf(local, own)
  // One observation moves all variants together: the speed may be anything (variance 0.49).
  const gain = 0.49 / (0.49 + 0.15 ** 2 + 1 / 150)
  expect(means[1]).toBeCloseTo(2 + gain, 9)
  expect(variances[1]).toBeCloseTo(0.49 * (1 - gain) + 0.15 ** 2, 9)
})

it('learns how much devices differ', () => {
  const random = new Random(8)
  const spreadOf = (deviation: number) => {
    const local = new LocalTimes(PRIOR, 1)
    const rows = Array.from({ length: 200 }, () => {
      const speed = deviation * random.normal()
      return rowOf([cellOf(1000, 5 + speed), cellOf(1000, 4 + speed), cellOf(1000, 4.5 + speed)])
    })
    for (let round = 0; round < 30; round++) local.refresh(rows)
    return Math.sqrt(local.spread.speed)
  }
  expect(Math.abs(spreadOf(0.6) - 0.6)).toBeLessThan(0.08)
  expect(spreadOf(0.05)).toBeLessThan(0.13)
})

it('draws with the mean and variance it believes in', () => {
  const local = new LocalTimes(PRIOR, 1)
  const row = rowOf([cellOf(100, 5.4), undefined, cellOf(20, 4.2)])
  local.refresh([row])
  const random = new Random(9)
  const drawn = Array.from({ length: 20_000 }, () => {
    const values = new Float64Array(VARIANTS)
    local.drawTimes(row, local.drawClasses(random), random, values, 0)
    return values
  })
  const { means, variances } = estimateOf(local, row)
  for (let k = 0; k < VARIANTS; k++) {
    const mean = drawn.reduce((sum, values) => sum + values[k], 0) / drawn.length
    const squares = drawn.reduce((sum, values) => sum + (values[k] - mean) ** 2, 0)
    expect(Math.abs(mean - means[k])).toBeLessThan(0.02)
    expect(Math.abs(squares / drawn.length / variances[k] - 1)).toBeLessThan(0.06)
  }
})

function expectPrior(means: Float64Array): void {
  for (const [k, mean] of PRIOR.means.entries()) expect(means[k]).toBeCloseTo(mean, 9)
}

/** All (device, variant) at once, as one normal distribution conditioned on every cell. */
function jointPosterior(rows: readonly Row[], speed: number, deviation: number) {
  const size = rows.length * VARIANTS
  const prior = new Float64Array(size * size)
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      const sameDevice = Math.floor(a / VARIANTS) === Math.floor(b / VARIANTS)
      prior[a * size + b] =
        PRIOR.covariance[(a % VARIANTS) * VARIANTS + (b % VARIANTS)] +
        (sameDevice ? speed : 0) +
        (a === b ? deviation : 0)
    }
  }
  const precision = inverse(prior)
  const means = Float64Array.from({ length: size }, (_, a) => PRIOR.means[a % VARIANTS])
  const weighted = times(precision, means)
  for (const [index, row] of rows.entries()) {
    for (const [k, cell] of row.cells.entries()) {
      const at = index * VARIANTS + k
      precision[at * size + at] = precision[at * size + at] + (cell?.precision ?? 0)
      weighted[at] = weighted[at] + (cell?.sum ?? 0)
    }
  }
  const covariance = inverse(precision)
  const posterior = times(covariance, weighted)
  const at = (index: number, k: number) => index * VARIANTS + k
  return {
    mean: (index: number, k: number) => posterior[at(index, k)],
    variance: (index: number, k: number) => covariance[at(index, k) * (size + 1)],
  }
}
