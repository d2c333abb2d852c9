import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { adamStep, JointHeadRows, newMoments } from './joint-head-rows.ts'

const OPTIONS = {
  loss: 'huber',
  huberDelta: 1,
  learningRate: 0.1,
  learningRateHalfLife: 20,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  weightDecayHalfLife: 1,
  averageDecay: 0.8,
  batchSize: 1,
} as const
const HIDDEN = 2

/** Adam as printed (Kingma and Ba 2015, Algorithm 1), one row at a time, with an average of every row after every update. */
class NaiveRows {
  readonly values: number[][]
  readonly average: number[][]
  private readonly moments: { m: number; v: number }[][]
  private readonly counts: number[]

  constructor(startBias: Float32Array) {
    this.values = [...startBias].map((bias) => [0, 0, bias])
    this.average = structuredClone(this.values)
    this.moments = this.values.map((row) => row.map(() => ({ m: 0, v: 0 })))
    this.counts = this.values.map(() => 0)
  }

  update(gradients: ReadonlyMap<number, Float32Array>, t: number): void {
    const rate = OPTIONS.learningRate / (1 + (t - 1) / OPTIONS.learningRateHalfLife)
    for (const [action, gradient] of gradients) {
      const count = (this.counts[action] ?? 0) + 1
      this.counts[action] = count
      for (const [k, g] of gradient.entries()) {
        const moment = this.moments[action]?.[k] ?? { m: NaN, v: NaN }
        moment.m = 0.9 * moment.m + 0.1 * g
        moment.v = 0.99 * moment.v + 0.01 * g * g
        const mHat = moment.m / (1 - 0.9 ** count)
        const vHat = moment.v / (1 - 0.99 ** count)
        const row = this.values[action] ?? []
        row[k] = (row[k] ?? NaN) - (rate * mHat) / (Math.sqrt(vHat) + OPTIONS.epsilon)
      }
    }
    for (const [action, row] of this.values.entries()) {
      const average = this.average[action] ?? []
      for (const [k, value] of row.entries()) {
        average[k] = 0.8 * (average[k] ?? NaN) + 0.2 * value
      }
    }
  }
}

const START = Float32Array.of(10, 11, 12, 13, 14, 15)

function gradientsOf(random: Random): Map<number, Float32Array> {
  const rows = Array.from({ length: 1 + random.integer(2) }, () => random.integer(START.length - 1))
  return new Map(
    rows.map((row) => [row, Float32Array.from({ length: HIDDEN + 1 }, () => random.normal())]),
  )
}

it.each([1, 2, 3])(
  'agrees with Adam as printed and an average kept for every row (seed %i)',
  (seed) => {
    const random = new Random(seed)
    const rows = new JointHeadRows(HIDDEN, OPTIONS, START)
    const naive = new NaiveRows(START)
    const units = Float32Array.of(0.5, 2)
    const scores = new Float32Array(START.length)
    for (let t = 1; t <= 60; t++) {
      const gradients = gradientsOf(random)
      rows.update(gradients, t)
      naive.update(gradients, t)
      if (t % 7 === 0) rows.score(units, t, scores)
    }
    rows.score(units, 60, scores)
    const rowValue = ([first = NaN, second = NaN, bias = NaN]: readonly number[]) =>
      0.5 * first + 2 * second + bias
    for (const [action, score] of scores.entries()) {
      expect(score).toBeCloseTo(rowValue(naive.average[action] ?? []), 3)
      expect(rows.value(action, units)).toBeCloseTo(rowValue(naive.values[action] ?? []), 3)
      expect([...rows.weights(action)]).toEqual(
        (naive.values[action] ?? []).slice(0, 2).map((weight) => expect.closeTo(weight, 3)),
      )
    }
    // The last row was never in a minibatch.
    expect(scores[5]).toBe(15)
    expect(rows.save().actions).not.toContain(5)
  },
)

it('saves copies, of stored rows alone, and goes on from them', () => {
  const [rows, other] = [1, 2].map(() => new JointHeadRows(HIDDEN, OPTIONS, START))
  const random = new Random(4)
  for (let t = 1; t <= 10; t++) rows?.update(gradientsOf(random), t)
  const saved = rows?.save()
  if (!saved) throw new Error('nothing saved')
  expect(saved.values).toHaveLength(saved.actions.length * (HIDDEN + 1))
  const copy = structuredClone(saved)
  other?.restore(saved)
  for (const each of [rows, other]) {
    const further = new Random(5)
    for (let t = 11; t <= 30; t++) each?.update(gradientsOf(further), t)
  }
  expect(saved).toEqual(copy)
  expect(other?.save()).toEqual(rows?.save())
})

it('takes a step of Adam from an offset on, and leaves the rest', () => {
  const moments = newMoments(Float32Array.of(1, 2, 3))
  adamStep(moments, 1, Float32Array.of(4), OPTIONS, [0.5, 0, 0])
  // m = 0.4, v = 0.16: 2 − 0.5 · 0.4 / 0.4.
  expect([...moments.values]).toEqual([1, 1.5, 3])
  expect(moments.firstMoment[1]).toBeCloseTo(0.4, 6)
  expect(moments.secondMoment[1]).toBeCloseTo(0.16, 6)
  expect([moments.firstMoment[0], moments.secondMoment[2]]).toEqual([0, 0])
})
