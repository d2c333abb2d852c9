import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import {
  addSample,
  type Cell,
  emptyCell,
  fold,
  isDoubtful,
  label,
  type SlowResponses,
  tellDelay,
  without,
} from './cell.ts'
import { normalCumulative, normalDensity } from './gaussian.ts'

const NOWHERE = { add: () => {} }
const NOISE = 0.08 ** 2

/** @param rate how often a response is slow */
function slow(rate: number, from = 0.4): SlowResponses {
  return { rate, from }
}

function cellOf(values: readonly number[], noise = NOISE): Cell {
  const cell = emptyCell(1)
  for (const value of values) addSample(cell, value, noise)
  return cell
}

it('counts a sample for nothing until it is labelled', () => {
  const cell = cellOf([5])
  expect(cell.precision).toBe(0)
  label(cell, { mean: 5, variance: 1 }, 0.1, slow(0.03), NOWHERE)
  expect(cell.weights[0]).toBeGreaterThan(0.95)
  expect(cell.precision).toBeCloseTo(cell.weights[0] / NOISE, 9)
  expect(cell.sum / cell.precision).toBeCloseTo(5, 9)
})

it('weighs one sample by Bayes, computed by hand', () => {
  const cell = cellOf([6])
  label(cell, { mean: 5, variance: 0.25 }, 0.1, slow(0.03), NOWHERE)
  const variance = 0.25 + NOISE
  const nominal = 0.97 * normalDensity(1, variance)
  const root = Math.sqrt(variance)
  const unlikely = (0.03 * (normalCumulative(0.6 / root) - normalCumulative(-2 / root))) / 2.6
  expect(cell.weights[0]).toBeCloseTo(nominal / (nominal + unlikely), 9)
  expect(cell.allSlow).toBeCloseTo(unlikely / (nominal + unlikely), 9)
  expect(isDoubtful(cell)).toBe(true)
})

it('weighs few samples as if every labelling were written out (fuzz)', () => {
  const random = new Random(3)
  for (let round = 0; round < 40; round++) {
    const count = 1 + random.integer(5)
    const values = Array.from(
      { length: count },
      () => 5 + 0.2 * random.normal() + (random.uniform() < 0.3 ? 1.1 : 0),
    )
    const cell = cellOf(values)
    const rate = 0.2 * random.uniform()
    const from = 0.4 + random.uniform()
    label(cell, { mean: 5, variance: 0.3 }, 0.01, slow(rate, from), NOWHERE)
    const expected = weightsOf(values, 5, 0.3, slow(rate, from))
    for (let s = 0; s < count; s++) expect(cell.weights[s]).toBeCloseTo(expected[s], 8)
    const shares = values.map((_, s) => cell.weights[s] / NOISE)
    expect(cell.precision).toBeCloseTo(
      shares.reduce((sum, share) => sum + share, 0),
      6,
    )
    expect(cell.sum).toBeCloseTo(
      shares.reduce((sum, share, s) => sum + share * (values[s] ?? 0), 0),
      6,
    )
  }
})

it('rejects a slow first sample as soon as two others disagree with it', () => {
  const belief = { mean: 5, variance: 0.64 }
  const cell = cellOf([5 + Math.log(3)])
  label(cell, belief, 0.1, slow(0.03), NOWHERE)
  expect(cell.weights[0]).toBeGreaterThan(0.5)
  addSample(cell, 5.02, NOISE)
  addSample(cell, 4.97, NOISE)
  // The belief without the cell's samples is what it was.
  const precision = 1 / 0.64 + cell.precision
  const now = { mean: (5 / 0.64 + cell.sum) / precision, variance: 1 / precision }
  label(cell, now, 0.1, slow(0.03), NOWHERE)
  expect(cell.weights[0]).toBeLessThan(0.01)
  expect(cell.weights[1]).toBeGreaterThan(0.99)
  expect(cell.sum / cell.precision).toBeCloseTo(4.995, 2)
})

it('finds the slow ones among many', () => {
  const random = new Random(4)
  const values = Array.from(
    { length: 10 },
    (_, i) => 5 + 0.08 * random.normal() + (i % 4 === 1 ? 1.1 : 0),
  )
  const cell = cellOf(values)
  label(cell, { mean: 5, variance: 0.1 }, 0.1, slow(0.1), NOWHERE)
  values.forEach((_, i) => {
    if (i % 4 === 1) expect(cell.weights[i]).toBeLessThan(0.01)
    else expect(cell.weights[i]).toBeGreaterThan(0.9)
  })
})

it('never rejects what is faster than believed', () => {
  for (const count of [2, 8]) {
    const cell = cellOf(Array<number>(count).fill(2))
    label(cell, { mean: 5, variance: 0.01 }, 0.01, slow(0.2), NOWHERE)
    for (const weight of cell.weights) expect(weight).toBeGreaterThan(0.99)
  }
})

it('adds up what it no longer keeps, so that nothing is forgotten', () => {
  const cell = cellOf(Array.from({ length: 10 }, (_, i) => 5 + i / 100))
  label(cell, { mean: 5, variance: 0.1 }, 0.1, slow(0.03), NOWHERE)
  const { precision, sum } = cell
  const oldest = cell.weights.slice(0, 4)
  const { folded, slow: late } = fold(cell)
  expect(folded).toBe(4)
  expect(late).toBeCloseTo(4 - oldest.reduce((total, weight) => total + weight, 0), 12)
  expect(cell.foldedPrecision).toBeCloseTo((4 - late) / NOISE, 9)
  expect(cell.values).toHaveLength(6)
  expect(cell.values[0]).toBe(5.04)
  label(cell, { mean: sum / precision, variance: 1 / precision }, 0.1, slow(0.03), NOWHERE)
  expect(cell.precision).toBeCloseTo(precision, 0)
  expect(cell.sum / cell.precision).toBeCloseTo(sum / precision, 4)
  expect(fold(cell)).toEqual({ folded: 0, slow: 0 })
})

it('tells a slow sample from what has been added up, and among many that come at once', () => {
  const many = cellOf([...Array.from({ length: 40 }, (_, i) => 5 + i / 1000), 6.1, 7])
  label(many, { mean: 5.5, variance: 1 }, 0.1, slow(0.03), NOWHERE)
  expect(many.weights.slice(0, 40).every((weight) => weight > 0.95)).toBe(true)
  expect(many.weights.slice(40).every((weight) => weight < 0.01)).toBe(true)
  const cell = cellOf(Array.from({ length: 10 }, () => 5))
  label(cell, { mean: 5, variance: 0.1 }, 0.1, slow(0.03), NOWHERE)
  fold(cell)
  addSample(cell, 6.1, 0.01)
  label(
    cell,
    { mean: cell.sum / cell.precision, variance: 1 / cell.precision },
    0.1,
    slow(0.03),
    NOWHERE,
  )
  expect(cell.weights.at(-1)).toBeLessThan(0.01)
  expect(isDoubtful(cell)).toBe(false)
})

it('says what was believed without the samples', () => {
  const cell = cellOf([5.5], 0.5)
  label(cell, { mean: 5, variance: 1 }, 0.1, slow(1e-9), NOWHERE)
  // Prior N(5, 1) and one sample 5.5 of variance 0.5: N(16/3, 1/3).
  const back = without(cell, { mean: 16 / 3, variance: 1 / 3 }, 0.1)
  expect(back.mean).toBeCloseTo(5, 6)
  expect(back.variance).toBeCloseTo(1, 6)
  expect(without(cell, { mean: 5.4, variance: 0.5 }, 0.1).variance).toBe(1e6)
})

it('tells the delay with the weight of the sample, also when that changes', () => {
  const told = { delay: -1, precision: 0, sum: 0 }
  const sums = {
    add: (delay: number, precision: number, sum: number) => {
      told.delay = delay
      told.precision += precision
      told.sum += sum
    },
  }
  const cell = cellOf([5 + Math.log(3)])
  label(cell, { mean: 5, variance: 0.64 }, 0.1, slow(0.03), sums)
  tellDelay(cell, 0, 7, { mean: 40, variance: 100 }, sums)
  expect(told).toEqual({
    delay: 7,
    precision: cell.weights[0] / 100,
    sum: (cell.weights[0] / 100) * 40,
  })
  label(cell, { mean: 5, variance: 0.002 }, 0.001, slow(0.03), sums)
  expect(cell.weights[0]).toBeLessThan(0.2)
  expect(told.precision).toBeCloseTo(cell.weights[0] / 100, 12)
  expect(told.sum).toBeCloseTo((cell.weights[0] / 100) * 40, 12)
})

it('stays sane where no number is likely', () => {
  for (const values of [[-700], [700, -700], Array<number>(9).fill(700)]) {
    const cell = cellOf(values, 1e-4)
    label(cell, { mean: 0, variance: 1e-4 }, 1e-4, slow(0.03), NOWHERE)
    expect(Number.isFinite(cell.sum)).toBe(true)
    for (const weight of cell.weights) expect(weight >= 0 && weight <= 1).toBe(true)
  }
})

/** The same by a table of all labellings. */
function weightsOf(
  values: readonly number[],
  mean: number,
  variance: number,
  { rate, from }: SlowResponses,
): number[] {
  const nominal = values.map(() => 0)
  let total = 0
  for (let labels = 0; labels < 2 ** values.length; labels++) {
    let [m, v, likelihood] = [mean, variance, 1]
    values.forEach((value, s) => {
      const spread = v + NOISE
      if (labels & (1 << s)) {
        likelihood *= (1 - rate) * normalDensity(value - m, spread)
        const gain = v / spread
        m += gain * (value - m)
        v *= 1 - gain
      } else {
        const above = (limit: number) => normalCumulative((value - m - limit) / Math.sqrt(spread))
        likelihood *= (rate * (above(from) - above(3))) / (3 - from)
      }
    })
    total += likelihood
    values.forEach((_, s) => {
      if (labels & (1 << s)) nominal[s] = nominal[s] + likelihood
    })
  }
  return nominal.map((sum) => sum / total)
}

it('trusts every sample where no response may be slow', () => {
  const cell = cellOf([5, 8, 2])
  label(cell, { mean: 5, variance: 0.01 }, 0.01, slow(0), NOWHERE)
  expect(cell.weights).toEqual([1, 1, 1])
  expect(cell.allSlow).toBe(0)
  expect(cell.precision).toBeCloseTo(3 / NOISE, 9)
})

it('takes for slow only what is slower than the noise explains', () => {
  const weightOf = (from: number) => {
    const cell = cellOf([5.9])
    label(cell, { mean: 5, variance: 0.02 }, 0.01, slow(0.1, from), NOWHERE)
    return cell.weights[0] ?? Number.NaN
  }
  expect(weightOf(0.4)).toBeLessThan(0.001)
  expect(weightOf(2)).toBeGreaterThan(0.9)
})

it('remembers the round of its first sample, and copies no list of the caller', () => {
  const cell = emptyCell(17)
  const { values } = cell
  addSample(cell, 5, NOISE)
  expect(cell.since).toBe(17)
  expect(values).toEqual([])
})
