import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { Problem } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { JointHead } from './joint-head.ts'

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 2,
  choices: ['d0', 'd1', 'd2'].map((variant) => ({
    placement: { tier: 'end', variant },
    accuracyPercent: 80,
  })),
}
const TRAINING = {
  loss: 'huber',
  huberDelta: 1,
  learningRate: 0.02,
  learningRateHalfLife: 1000,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  weightDecayHalfLife: 1,
  averageDecay: 0.9,
  batchSize: 8,
} as const
const OPTIONS = { hidden: 8, startCost: 24 }

function headOf(seed: number) {
  return new JointHead(PROBLEM, TRAINING, OPTIONS, new Random(seed))
}

/** A cost for every decision in every state, of no structure. */
function costOf(action: number, [x = 0, y = 0]: Float32Array): number {
  return 2 + ((action * 5) % 9) + 3 * x - y
}

function rowsOf(updates: number, random: Random, actions = 9) {
  return Array.from({ length: updates * TRAINING.batchSize }, () => {
    const features = Float32Array.of(random.integer(2), random.integer(2))
    const action = random.integer(actions)
    return {
      features,
      decision: decisionOf(action, PROBLEM),
      targets: [costOf(action, features)],
      weight: 1,
    }
  })
}

it('starts every decision near the start value, no two alike', () => {
  const costs = headOf(1).costs(Float32Array.of(0, 1))
  expect(costs).toHaveLength(9)
  for (const cost of costs) expect(Math.abs(cost - 24)).toBeLessThan(0.06)
  expect(new Set(costs).size).toBe(9)
})

it('moves one bias by the learning rate in its first update, and no other decision (by hand)', () => {
  const problem = { ...PROBLEM, stateSize: 0 }
  const none = new Float32Array(0)
  const training = { ...TRAINING, batchSize: 2, averageDecay: 0 }
  const head = new JointHead(problem, training, { hidden: 1, startCost: 10 }, new Random(2))
  const before = head.costs(none).slice()
  const row = { features: none, decision: [1, 0], targets: [4], weight: 1 }
  const errors = head.train([row, row])
  expect(errors[0]).toBeCloseTo(before[3] - 4, 5)
  expect(errors[1]).toBe(errors[0])
  // Adam's first step is the learning rate in each direction: the bias, and the weight of the one unit if it is active.
  const { values } = head.save().rows
  const unit = Math.max(0, head.save().average[0])
  expect(values[0]).toBeCloseTo(unit > 0 ? -0.02 : 0, 5)
  expect(values[1]).toBeCloseTo(before[3] - 0.02, 5)
  const after = head.costs(none)
  for (const [action, cost] of after.entries()) if (action !== 3) expect(cost).toBe(before[action])
})

it('learns a cost of no structure, in every state', () => {
  const head = headOf(3)
  head.train(rowsOf(1500, new Random(4)))
  for (const features of [Float32Array.of(0, 0), Float32Array.of(1, 0), Float32Array.of(1, 1)]) {
    const costs = head.costs(features)
    for (const [action, cost] of costs.entries()) {
      expect(Math.abs(cost - costOf(action, features))).toBeLessThan(0.3)
    }
  }
})

it('says nothing of decisions it never met', () => {
  const head = headOf(5)
  const before = head.costs(Float32Array.of(1, 0)).slice()
  head.train(rowsOf(200, new Random(6), 4))
  const after = head.costs(Float32Array.of(1, 0))
  for (let action = 4; action < 9; action++) expect(after[action]).toBe(before[action])
  for (let action = 0; action < 4; action++) expect(after[action]).toBeLessThan(20)
})

it('weighs rows: a weight of 0 is no row at all', () => {
  const head = headOf(7)
  const saved = head.save()
  head.train(rowsOf(1, new Random(8)).map((row) => ({ ...row, weight: 0 })))
  expect(head.save().parameters).toEqual(saved.parameters)
  expect([...head.save().rows.values].every((value) => value === 0 || value > 23)).toBe(true)
})

it('has the gradient that finite differences give', () => {
  const head = headOf(9)
  head.train(rowsOf(30, new Random(10)))
  const trained = head.save()
  const zeros = (array: Float32Array) => new Float32Array(array.length)
  const start = { ...trained, firstMoment: zeros(trained.firstMoment) }
  const rows = { ...trained.rows, firstMoment: zeros(trained.rows.firstMoment) }
  const batch = rowsOf(1, new Random(11)).map((row, index) => ({
    ...row,
    weight: 0.2 + index / 10,
  }))
  const lossOf = (parameters: Float32Array, values: Float32Array) => {
    head.restore({ ...start, parameters, rows: { ...rows, values } })
    const errors = [...head.train(batch)]
    const loss = (error: number) => (Math.abs(error) < 1 ? error ** 2 / 2 : Math.abs(error) - 0.5)
    return errors.reduce((sum, error, i) => sum + (batch[i]?.weight ?? 0) * loss(error), 0) / 8
  }
  lossOf(start.parameters, rows.values)
  // After one update the first moment is a tenth of the gradient.
  const { firstMoment: trunk, rows: moved } = head.save()
  const nudged = (array: Float32Array, i: number, by: number) =>
    array.map((value, index) => (index === i ? value + by : value))
  const step = 1e-2
  for (const i of trunk.keys()) {
    const above = lossOf(nudged(start.parameters, i, step), rows.values)
    const below = lossOf(nudged(start.parameters, i, -step), rows.values)
    expect(trunk[i] * 10).toBeCloseTo((above - below) / (2 * step), 2)
  }
  for (const i of moved.firstMoment.keys()) {
    const above = lossOf(start.parameters, nudged(rows.values, i, step))
    const below = lossOf(start.parameters, nudged(rows.values, i, -step))
    expect(moved.firstMoment[i] * 10).toBeCloseTo((above - below) / (2 * step), 2)
  }
})

it('is bit-identical for a seed, and a restored one goes on as the saved would', () => {
  const run = (head: JointHead, seed: number) => {
    head.train(rowsOf(40, new Random(seed), 6))
    return head
  }
  const original = run(headOf(12), 1)
  expect(run(headOf(12), 1).save()).toEqual(original.save())
  const saved = structuredClone(original.save())
  const restored = run(headOf(13), 2)
  restored.restore(saved)
  expect(restored.save()).toEqual(saved)
  expect(restored.costs(Float32Array.of(1, 1))).toEqual(original.costs(Float32Array.of(1, 1)))
  expect(run(restored, 3).save()).toEqual(run(original, 3).save())
})

it('is not changed by being asked', () => {
  const [asked, left] = [headOf(14), headOf(14)]
  for (let i = 0; i < 5; i++) {
    for (const head of [asked, left]) head.train(rowsOf(3, new Random(i)))
    asked.costs(Float32Array.of(i, 0))
  }
  expect(asked.save()).toEqual(left.save())
})

it('keeps of a hundred thousand decisions only what it learned', () => {
  const problem: Problem = {
    devices: 5,
    stateSize: 2,
    choices: Array.from({ length: 10 }, (_, index) => ({
      placement: { tier: 'end', variant: `d${index}` },
      accuracyPercent: 80,
    })),
  }
  const head = new JointHead(problem, TRAINING, OPTIONS, new Random(15))
  const rows = Array.from({ length: 80 }, (_, index) => ({
    features: Float32Array.of(0, 1),
    decision: decisionOf((index % 20) * 4999, problem),
    targets: [3],
    weight: 1,
  }))
  for (let i = 0; i < 60; i++) head.train(rows)
  const costs = head.costs(Float32Array.of(0, 1))
  expect(costs).toHaveLength(100_000)
  expect([...costs].filter((cost) => cost < 10)).toHaveLength(20)
  expect(head.save().rows.values).toHaveLength(20 * (OPTIONS.hidden + 1))
})

it.each([7, 9])('refuses what a head of %i hidden units saved', (hidden) => {
  const saved = new JointHead(PROBLEM, TRAINING, { ...OPTIONS, hidden }, new Random(1)).save()
  expect(() => headOf(1).restore(saved)).toThrow('use the same number of hidden units')
})
