import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { inverse, times as product } from '../../linear-algebra.ts'
import { emptyCell } from './cell.ts'
import {
  type Curve,
  estimate,
  extended,
  freshCurve,
  knotsUpTo,
  knotValues,
  rebuild,
  shifted,
  times,
} from './node-curve.ts'
import { freshWatch } from './watch.ts'

const WATCH = freshWatch<Curve>()

function cellOf(precision: number, value: number) {
  return { ...emptyCell(1), precision, sum: precision * value }
}

it('has a knot for every few users and for the most there are', () => {
  expect([...knotsUpTo(1)]).toEqual([1])
  expect([...knotsUpTo(5)]).toEqual([1, 2, 3, 4, 5])
  expect([...knotsUpTo(16)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18])
  expect([...knotsUpTo(100)].slice(0, 13)).toEqual([...knotsUpTo(16)])
  expect(knotsUpTo(10_000).length).toBeLessThan(60)
})

it('starts with a trend and its uncertainty, by hand', () => {
  const knots = knotsUpTo(20)
  const curve = freshCurve(knots, 300, WATCH)
  const load = (users: number) => Math.log((1 + users) / 2)
  for (const users of [1, 4, 9]) {
    const { mean, variance } = estimate(curve, knots, users)
    expect(mean).toBeCloseTo(Math.log(300) + 0.6 * load(users), 9)
    // level 2.5², slope 0.6², a random walk of 0.5² for every unit of load.
    const x = load(users)
    expect(variance).toBeCloseTo(6.25 + 0.36 * x * x + 0.25 * x, 9)
  }
  const at = (i: number, j: number) => curve.priorCovariance[i * knots.length + j]
  expect(at(1, 4)).toBeCloseTo(6.25 + 0.36 * load(2) * load(5) + 0.25 * load(2), 9)
  expect(at(4, 1)).toBe(at(1, 4))
})

it('conditions on an observation at a knot, by hand', () => {
  const knots = knotsUpTo(2)
  const curve = freshCurve(knots, 300, WATCH)
  const [a, b, , d] = [...curve.priorCovariance] as [number, number, number, number]
  const [first, second] = [...curve.priorMean] as [number, number]
  curve.cells.set(1, cellOf(50, 6.5))
  rebuild(curve, knots)
  const gain = 1 / (a + 0.02)
  expect(estimate(curve, knots, 1).mean).toBeCloseTo(first + a * gain * (6.5 - first), 9)
  expect(estimate(curve, knots, 2).mean).toBeCloseTo(second + b * gain * (6.5 - first), 9)
  expect(estimate(curve, knots, 1).variance).toBeCloseTo(a - a * a * gain, 9)
  expect(estimate(curve, knots, 2).variance).toBeCloseTo(d - b * b * gain, 9)
})

it('is the normal distribution conditioned on all that was seen at once (fuzz)', () => {
  const random = new Random(11)
  for (let round = 0; round < 20; round++) {
    const most = 2 + random.integer(40)
    const knots = knotsUpTo(most)
    const curve = freshCurve(knots, 100, WATCH)
    for (let i = 0; i < 1 + random.integer(8); i++) {
      const users = 1 + random.integer(most)
      curve.cells.set(users, cellOf(1 + 100 * random.uniform(), 5 + 2 * random.normal()))
    }
    rebuild(curve, knots)
    const expected = conditioned(curve, knots)
    for (let users = 1; users <= most; users++) {
      const found = estimate(curve, knots, users)
      const { mean, variance } = expected(users)
      expect(found.mean).toBeCloseTo(mean, 6)
      expect(found.variance).toBeCloseTo(variance, 6)
    }
    // Between whole numbers of users too: in a fleet without rounds they are an average.
    const halfway = 1 + (most - 1) * random.uniform()
    expect(estimate(curve, knots, halfway).mean).toBeCloseTo(expected(halfway).mean, 6)
  }
})

it('knows for no users what it knows for one, and for too many what it knows for most', () => {
  const knots = knotsUpTo(5)
  const curve = freshCurve(knots, 100, WATCH)
  expect(estimate(curve, knots, 0)).toEqual(estimate(curve, knots, 1))
  expect(estimate(curve, knots, 9)).toEqual(estimate(curve, knots, 5))
})

it('starts anew less sure and without samples after a shift', () => {
  const knots = knotsUpTo(3)
  const curve = freshCurve(knots, 300, WATCH)
  curve.cells.set(1, cellOf(1000, 6))
  rebuild(curve, knots)
  const next = shifted(curve, 0.5, 0.49, WATCH)
  expect(next.cells.size).toBe(0)
  for (const users of [1, 2, 3]) {
    const [before, after] = [estimate(curve, knots, users), estimate(next, knots, users)]
    expect(after.mean).toBeCloseTo(before.mean + 0.5, 12)
    expect(after.variance).toBeCloseTo(before.variance + 0.49, 12)
  }
  rebuild(next, knots)
  expect(estimate(next, knots, 1).mean).toBeCloseTo(estimate(curve, knots, 1).mean + 0.5, 12)
})

it('may fall with more users where that was seen', () => {
  const knots = knotsUpTo(4)
  const curve = freshCurve(knots, 300, WATCH)
  curve.cells.set(1, cellOf(1e6, Math.log(400)))
  curve.cells.set(2, cellOf(1e6, Math.log(100)))
  rebuild(curve, knots)
  for (const optimism of [0, 1, 3]) {
    const [one, two] = times(knotValues(curve, knots, { optimism }), knots, 4)
    expect(Math.abs((one ?? 0) / 400 - 1)).toBeLessThan(0.01)
    expect(Math.abs((two ?? 0) / 100 - 1)).toBeLessThan(0.01)
  }
})

it('is not planned to gain more than a quarter by another user unseen, neither hoped nor drawn', () => {
  const knots = knotsUpTo(30)
  const random = new Random(10)
  const curve = freshCurve(knots, 300, WATCH)
  curve.cells.set(2, cellOf(1e6, Math.log(400)))
  rebuild(curve, knots)
  let atBound = 0
  for (let round = 0; round < 50; round++) {
    for (const values of [
      knotValues(curve, knots, { random }),
      knotValues(curve, knots, { optimism: 3 * random.uniform() }),
    ]) {
      // Two users were seen: what is unseen begins with three.
      for (let i = 2; i < values.length; i++) {
        const fall = values[i - 1] - values[i]
        expect(fall).toBeLessThan(0.3 + 1e-9)
        if (fall > 0.3 - 1e-9) atBound++
      }
    }
  }
  expect(atBound).toBeGreaterThan(0)
  // What is believed is not touched.
  expect(knotValues(curve, knots, { optimism: 0 })).toEqual(curve.mean)
})

it('is the faster the more optimistic, and slower than believed where it is cautious', () => {
  const knots = knotsUpTo(3)
  const curve = freshCurve(knots, 300, WATCH)
  const { mean, variance } = estimate(curve, knots, 1)
  for (const optimism of [2, 0.5, -1]) {
    const [first] = times(knotValues(curve, knots, { optimism }), knots, 1)
    expect(Math.log(first)).toBeCloseTo(mean - optimism * Math.sqrt(variance), 9)
  }
  expect(times(knotValues(curve, knots, { optimism: 0 }), knots, 3)).toHaveLength(3)
})

it('draws what it believes', () => {
  const knots = knotsUpTo(2)
  const curve = freshCurve(knots, 300, WATCH)
  // Seen at both, so that nothing is projected.
  curve.cells.set(1, cellOf(10, 6)).set(2, cellOf(20, 6.5))
  rebuild(curve, knots)
  const random = new Random(12)
  const draws = Array.from({ length: 20_000 }, () => knotValues(curve, knots, { random }))
  for (const [i, users] of [1, 2].entries()) {
    const mean = draws.reduce((sum, values) => sum + values[i], 0) / draws.length
    const squares = draws.reduce((sum, values) => sum + (values[i] - mean) ** 2, 0)
    const expected = estimate(curve, knots, users)
    expect(Math.abs(mean - expected.mean)).toBeLessThan(0.01)
    expect(Math.abs(squares / draws.length / expected.variance - 1)).toBeLessThan(0.05)
  }
})

it('is over more knots what it would have been over all of them from the start', () => {
  const [few, many] = [knotsUpTo(8), knotsUpTo(60)]
  const [short, long] = [few, many].map((knots) => {
    const curve = freshCurve(knots, 300, WATCH)
    curve.cells.set(2, cellOf(80, 6.2)).set(7, cellOf(120, 7.1))
    rebuild(curve, knots)
    return curve
  })
  if (!short || !long) throw new Error('two curves')
  const longer = extended(short, freshCurve(many, 300, WATCH), many)
  for (const users of many) {
    const [found, expected] = [estimate(longer, many, users), estimate(long, many, users)]
    expect(found.mean).toBeCloseTo(expected.mean, 6)
    expect(found.variance).toBeCloseTo(expected.variance, 6)
  }
})

it('carries a shift on to more knots, though what is typical has changed', () => {
  const [few, many] = [knotsUpTo(8), knotsUpTo(30)]
  const slower = shifted(freshCurve(few, 300, WATCH), Math.log(4), 0, WATCH)
  const fresh = freshCurve(many, 100, WATCH)
  const longer = extended(slower, fresh, many)
  const lift = Math.log(4 * 3)
  expect(estimate(longer, many, 8).mean).toBeCloseTo(estimate(fresh, many, 8).mean + lift, 6)
  const rise = estimate(longer, many, 30).mean - estimate(fresh, many, 30).mean
  expect(rise).toBeGreaterThan(0.5 * lift)
})

/** The prior at the knots and at what was seen of it, as one normal distribution, by the textbook: μ + K (K + R)⁻¹ (y - μ). */
function conditioned(curve: Curve, knots: Int32Array) {
  const size = knots.length
  /** What each knot weighs at so many users: linear in between. */
  const weightsAt = (users: number) => {
    const weights = new Float64Array(size)
    const right = knots.findIndex((knot) => knot >= users)
    const left = Math.max(0, right - 1)
    const share =
      right === left ? 0 : (users - knots[left]) / Math.max(1, knots[right] - knots[left])
    weights[left] = 1 - share
    weights[right] = weights[right] + share
    return weights
  }
  const covariance = (a: Float64Array, b: Float64Array) =>
    product(curve.priorCovariance, b).reduce((sum, value, i) => sum + value * a[i], 0)
  const meanOf = (weights: Float64Array) =>
    weights.reduce((sum, weight, i) => sum + weight * curve.priorMean[i], 0)
  const seen = [...curve.cells].map(([users, cell]) => ({ at: weightsAt(users), cell }))
  const gram = inverse(
    Float64Array.from(
      seen.flatMap(({ at, cell }, i) =>
        seen.map((other, j) => covariance(at, other.at) + (i === j ? 1 / cell.precision : 0)),
      ),
    ),
  )
  const errors = Float64Array.from(seen, ({ at, cell }) => cell.sum / cell.precision - meanOf(at))
  return (users: number) => {
    const at = weightsAt(users)
    const crossed = Float64Array.from(seen, (one) => covariance(at, one.at))
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i], 0)
    return {
      mean: meanOf(at) + dot(crossed, product(gram, errors)),
      variance: covariance(at, at) - dot(crossed, product(gram, crossed)),
    }
  }
}
