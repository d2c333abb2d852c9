import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { emptyCell } from './cell.ts'
import {
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

const WATCH = freshWatch<never>(undefined, 0)

function cellOf(precision: number, value: number) {
  return { ...emptyCell(), precision, sum: precision * value }
}

it('has a knot for every few users and for the most there are', () => {
  expect([...knotsUpTo(1)]).toEqual([1])
  expect([...knotsUpTo(5)]).toEqual([1, 2, 3, 4, 5])
  expect([...knotsUpTo(16)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18])
  expect([...knotsUpTo(100)].slice(0, 13)).toEqual([...knotsUpTo(16)])
  expect(knotsUpTo(10_000).length).toBeLessThan(60)
})

it('starts with a rising trend', () => {
  const knots = knotsUpTo(20)
  const curve = freshCurve(knots, 300, 2, WATCH)
  expect(Math.exp(estimate(curve, knots, 1).mean)).toBeCloseTo(300, 9)
  // 300 (1 + 4/2)^0.8 / (1 + 1/2)^0.8
  expect(Math.exp(estimate(curve, knots, 4).mean)).toBeCloseTo(300 * 2 ** 0.8, 9)
})

it('conditions on an observation at a knot, by hand', () => {
  const knots = knotsUpTo(2)
  const curve = freshCurve(knots, 300, 2, WATCH)
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

it('learns between knots, whatever the order', () => {
  const knots = knotsUpTo(40)
  const cells = [
    [3, cellOf(100, 6)],
    [13, cellOf(100, 7)],
    [30, cellOf(100, 7.5)],
  ] as const
  const learned = [cells, [...cells].reverse()].map((order) => {
    const curve = freshCurve(knots, 300, 2, WATCH)
    for (const [users, cell] of order) curve.cells.set(users, cell)
    rebuild(curve, knots)
    return curve
  })
  const [one, other] = learned
  if (!one || !other) throw new Error('two curves were made')
  for (const [users, { sum, precision }] of cells) {
    expect(Math.abs(estimate(one, knots, users).mean - sum / precision)).toBeLessThan(0.1)
    expect(estimate(one, knots, users).mean).toBeCloseTo(estimate(other, knots, users).mean, 9)
    expect(estimate(one, knots, users).variance).toBeLessThan(0.01)
  }
})

it('starts anew less sure and without samples after a shift', () => {
  const knots = knotsUpTo(3)
  const curve = freshCurve(knots, 300, 2, WATCH)
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

it('never falls with more users', () => {
  const knots = knotsUpTo(4)
  const curve = freshCurve(knots, 300, 2, WATCH)
  curve.cells.set(1, cellOf(1e6, Math.log(400)))
  curve.cells.set(2, cellOf(1e6, Math.log(300)))
  rebuild(curve, knots)
  const values = times(knotValues(curve, { optimism: 0 }), knots, 4)
  expect(values[0]).toBeCloseTo(values[1], 6)
  // Equally sure of both: their geometric mean.
  expect(Math.abs(values[0] - Math.sqrt(400 * 300))).toBeLessThan(1)
  const random = new Random(10)
  for (let round = 0; round < 50; round++) {
    const drawn = knotValues(freshCurve(knotsUpTo(30), 300, 2, WATCH), { random })
    drawn.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(drawn[i - 1] ?? Number.NEGATIVE_INFINITY)
    })
  }
})

it('is the faster the more optimistic', () => {
  const knots = knotsUpTo(3)
  const curve = freshCurve(knots, 300, 2, WATCH)
  const { mean, variance } = estimate(curve, knots, 1)
  const [first] = times(knotValues(curve, { optimism: 2 }), knots, 1)
  expect(first).toBeLessThanOrEqual(Math.exp(mean - 2 * Math.sqrt(variance)) + 1e-9)
  expect(times(knotValues(curve, { optimism: 0 }), knots, 3)).toHaveLength(3)
})

it('is over more knots what it would have been over all of them from the start', () => {
  const [few, many] = [knotsUpTo(8), knotsUpTo(60)]
  const [short, long] = [few, many].map((knots) => {
    const curve = freshCurve(knots, 300, 2, WATCH)
    curve.cells.set(2, cellOf(80, 6.2)).set(7, cellOf(120, 7.1))
    rebuild(curve, knots)
    return curve
  })
  if (!short || !long) throw new Error('two curves')
  const longer = extended(short, freshCurve(many, 300, 2, WATCH), many)
  for (const users of many) {
    const [found, expected] = [estimate(longer, many, users), estimate(long, many, users)]
    expect(found.mean).toBeCloseTo(expected.mean, 6)
    expect(found.variance).toBeCloseTo(expected.variance, 6)
  }
})

it('carries a shift on to more knots', () => {
  const [few, many] = [knotsUpTo(8), knotsUpTo(30)]
  const slower = shifted(freshCurve(few, 300, 2, WATCH), Math.log(4), 0, WATCH)
  const fresh = freshCurve(many, 300, 2, WATCH)
  const longer = extended(slower, fresh, many)
  expect(estimate(longer, many, 8).mean).toBeCloseTo(estimate(fresh, many, 8).mean + Math.log(4), 6)
  const rise = estimate(longer, many, 30).mean - estimate(fresh, many, 30).mean
  expect(rise).toBeGreaterThan(0.5 * Math.log(4))
})
