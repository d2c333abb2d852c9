import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { HYBRID } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Experience } from '../replay/experience.ts'
import { SystemModel } from './network.ts'

const ENGINE = createOnnxEngine() ?? referenceEngine
const SCALE_MS = 25

function problemOf(stateSize: number): Problem {
  return {
    devices: 2,
    stateSize,
    choices: [72, 108, 351].map((_, index) => ({
      placement: { tier: 'end', variant: `d${index}` },
      accuracyPercent: 80,
    })),
  }
}

/** A world known in closed form: cost adds up, and the state becomes busy (1) when device 0 takes choice 2. */
function experienceOf(random: Random, stateSize: number): Experience {
  const decision = [random.integer(3), random.integer(3)]
  const busy = random.integer(2)
  const cost = 50 + 60 * (decision[0] ?? 0) + 20 * (decision[1] ?? 0) + 100 * busy * stateSize
  const features = Float32Array.from({ length: stateSize }, () => busy)
  const next = decision[0] === 2 ? 1 : 0
  return { features, decision, cost, nextFeatures: features.map(() => next) }
}

function trained(stateSize: number, updates: number): SystemModel {
  const random = new Random(1)
  const model = new SystemModel(problemOf(stateSize), ENGINE, HYBRID, random)
  for (let step = 0; step < updates / 15; step++) {
    model.observe(experienceOf(random, stateSize), undefined)
  }
  for (let session = 0; session < updates / 50; session++) {
    const rows = Array.from({ length: 50 * HYBRID.batchSize }, () =>
      experienceOf(random, stateSize),
    )
    expect(model.update(rows, SCALE_MS)).toBe(stateSize > 0 ? 63 : 50)
  }
  return model
}

it('predicts response time and next state of every decision in every state', () => {
  const model = trained(1, 1500)
  for (const busy of [0, 1]) {
    const features = Float32Array.of(busy)
    for (const [first, second] of [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b] as const))) {
      const costMs = model.in(features, SCALE_MS).cost([first, second])
      const [next = NaN] = model.next(features, [first, second])
      const trueCost = 50 + 60 * first + 20 * second + 100 * busy
      expect(Math.abs(costMs - trueCost) / trueCost).toBeLessThan(0.05)
      expect(Math.abs(next - (first === 2 ? 1 : 0))).toBeLessThan(0.1)
    }
  }
})

it('believes of devices what adds up to what it expects of the round, and less surely of what was never tried', () => {
  const model = new SystemModel(problemOf(1), ENGINE, HYBRID, new Random(1))
  const features = Float32Array.of(0)
  expect(model.believe(features, [[0, 0]], SCALE_MS)).toBeUndefined()
  const random = new Random(2)
  const takesMs = (device: number, choice: number) => 50 + 60 * choice + 100 * device
  const rows = Array.from({ length: 300 }, () => {
    // Choice 2 is never tried.
    const decision = [random.integer(2), random.integer(2)]
    const timesMs = decision.map((choice, device) => takesMs(device, choice) + random.normal())
    const cost = timesMs.reduce((sum, ms) => sum + ms) / 2
    const row = { features, decision, cost, nextFeatures: features }
    model.observe(row, timesMs)
    return row
  })
  model.update(
    Array.from({ length: 20 * HYBRID.batchSize }, (_, i) => rows[i % 300] ?? rows[0]),
    25,
  )
  const decisions = [0, 1, 2].map((choice) => [1, choice])
  const expected = decisions.map((decision) => model.in(features, SCALE_MS).cost(decision))
  const [first, second, untried] = model.believe(features, decisions, SCALE_MS) ?? []
  for (const [choice, one] of [first, second].entries()) {
    expect(one?.responseTimesMs[0]).toBeCloseTo(takesMs(0, 1), -1)
    expect(one?.responseTimesMs[1]).toBeCloseTo(takesMs(1, choice), -1)
    const [a = 0, b = 0] = one?.responseTimesMs ?? []
    expect((a + b) / 2).toBeCloseTo(expected[choice] ?? NaN, 3)
    expect(one?.spreadsMs[1]).toBeLessThan(5)
  }
  expect(untried?.spreadsMs[1]).toBeGreaterThan(20)
  // Nothing of it moved what is expected.
  expect(decisions.map((decision) => model.in(features, SCALE_MS).cost(decision))).toEqual(expected)
})

it('says nothing of a response time that would be below nothing', () => {
  const model = new SystemModel(problemOf(1), ENGINE, HYBRID, new Random(1))
  const features = Float32Array.of(0)
  for (let step = 0; step < 30; step++) {
    // The second device is far slower than the first, whatever it takes.
    const decision = [step % 2, step % 2]
    model.observe({ features, decision, cost: 500, nextFeatures: features }, [1, 999])
  }
  const believed = [0, 1, 2].flatMap((choice) => {
    const [one] = model.believe(features, [[choice, 0]], SCALE_MS) ?? []
    return [...(one?.responseTimesMs ?? [])]
  })
  expect(believed.some(Number.isNaN)).toBe(true)
  expect(believed.filter((ms) => !(ms > 0 || Number.isNaN(ms)))).toEqual([])
})

it('draws next states as often as it expects them', () => {
  const model = trained(1, 50)
  const features = Float32Array.of(1)
  const [expected = NaN] = model.next(features, [0, 0])
  const random = new Random(4)
  const drawn = Array.from(
    { length: 2000 },
    () => model.drawNext(features, [0, 0], random)[0] ?? NaN,
  )
  expect(drawn.every((value) => value === 0 || value === 1)).toBe(true)
  expect(drawn.reduce((sum, value) => sum + value, 0) / 2000).toBeCloseTo(expected, 1)
})

it('gives the same costs for all decisions at once as one by one', () => {
  const model = trained(1, 50)
  const system = model.in(Float32Array.of(1), SCALE_MS)
  const costs = system.means()
  for (let index = 0; index < 9; index++) {
    const costMs = system.cost([Math.floor(index / 3), index % 3])
    expect(costs[index]).toBeCloseTo(costMs, 3)
  }
  // Another state is scored anew.
  expect(model.in(Float32Array.of(0), SCALE_MS).means()).not.toEqual(costs)
})

it('is surer of a decision the more often it was seen, and draws spread as it is unsure', () => {
  const model = new SystemModel(problemOf(0), ENGINE, HYBRID, new Random(5))
  const none = new Float32Array(0)
  const experience = { features: none, decision: [0, 1], cost: 80, nextFeatures: none }
  const deviations = [1, 5, 20].map((times) => {
    for (let i = 0; i < times; i++) model.observe(experience, undefined)
    return model.in(none, SCALE_MS).deviation([0, 1])
  })
  expect([...deviations].sort((a, b) => b - a)).toEqual(deviations)
  const system = model.in(none, SCALE_MS)
  expect(system.deviation([2, 2])).toBeGreaterThan(5 * system.deviation([0, 1]))
  expect(system.deviation([2, 2], [2, 2])).toBeCloseTo(0, 9)
  expect(system.draw(new Random(1), 0)).toEqual(system.means())
  const draws = Array.from({ length: 500 }, (_, seed) => system.draw(new Random(seed), 1)[8] ?? NaN)
  const mean = draws.reduce((sum, value) => sum + value, 0) / 500
  const squares = draws.map((value) => (value - mean) ** 2).reduce((sum, value) => sum + value, 0)
  expect(Math.sqrt(squares / 500) / system.deviation([2, 2])).toBeCloseTo(1, 0)
})

it('works without a state, which then stays', () => {
  const model = trained(0, 300)
  const none = new Float32Array(0)
  expect(Math.abs(model.in(none, SCALE_MS).cost([1, 1]) - 130)).toBeLessThan(5)
  expect(model.next(none, [1, 1])).toEqual(none)
  expect(model.drawNext(none, [1, 1], new Random(1))).toEqual(none)
})

it('learns by its deep part what the wide one cannot express', () => {
  const random = new Random(7)
  const none = new Float32Array(0)
  const rows = Array.from({ length: 50 * HYBRID.batchSize }, () => {
    const decision = [random.integer(3), random.integer(3)]
    // As stone, paper and scissors: no sum of what each device takes, and no count of what both take, tells it.
    const cost = [120, 60, 180][((decision[1] ?? 0) - (decision[0] ?? 0) + 3) % 3] ?? NaN
    return { features: none, decision, cost, nextFeatures: none }
  })
  const errorOf = (withoutDeep: boolean) => {
    const hyperparameters = { ...HYBRID, ablation: { ...HYBRID.ablation, withoutDeep } }
    const model = new SystemModel(problemOf(0), ENGINE, hyperparameters, new Random(8))
    for (const row of rows.slice(0, 60)) model.observe(row, undefined)
    for (let session = 0; session < 12; session++) model.update(rows, SCALE_MS)
    return Math.abs(model.in(none, SCALE_MS).cost([2, 1]) - 180)
  }
  expect(errorOf(true)).toBeGreaterThan(40)
  expect(errorOf(false)).toBeLessThan(10)
})

it('learns every device by itself where it is told', () => {
  const none = new Float32Array(0)
  const perDevice = new SystemModel(problemOf(0), ENGINE, HYBRID, new Random(9))
  const decision = [0, 2]
  perDevice.observe({ features: none, decision, cost: 100, nextFeatures: none }, [40, 160])
  // Only the slow one moves to the fast one's choice.
  expect(perDevice.in(none, SCALE_MS).cost([0, 0])).toBeLessThan(95)
})

it('continues after restore as if never interrupted', () => {
  const original = trained(1, 100)
  const restored = new SystemModel(problemOf(1), ENGINE, HYBRID, new Random(99))
  restored.restore(structuredClone(original.save()))
  const random = new Random(3)
  const rows = Array.from({ length: 10 * HYBRID.batchSize }, () => experienceOf(random, 1))
  for (const model of [original, restored]) {
    model.observe(rows[0] ?? experienceOf(random, 1), undefined)
    model.update(rows, SCALE_MS)
  }
  expect(restored.save()).toEqual(original.save())
})
