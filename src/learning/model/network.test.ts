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
  for (let session = 0; session < updates / 50; session++) {
    const rows = Array.from({ length: 50 * HYBRID.batchSize }, () =>
      experienceOf(random, stateSize),
    )
    expect(model.update(rows, SCALE_MS)).toBe(stateSize > 0 ? 100 : 50)
  }
  return model
}

it('predicts response time and next state of every decision in every state', () => {
  const model = trained(1, 1500)
  for (const busy of [0, 1]) {
    for (const [first, second] of [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b] as const))) {
      const { cost, nextFeatures } = model.predict(Float32Array.of(busy), [first, second])
      const trueCost = 50 + 60 * first + 20 * second + 100 * busy
      expect(Math.abs(cost * SCALE_MS - trueCost) / trueCost).toBeLessThan(0.05)
      expect(Math.abs((nextFeatures[0] ?? NaN) - (first === 2 ? 1 : 0))).toBeLessThan(0.1)
    }
  }
})

it('gives the same costs for all decisions at once as one by one', () => {
  const model = trained(1, 50)
  const features = Float32Array.of(1)
  const costs = model.costs(features).slice()
  for (let index = 0; index < 9; index++) {
    const { cost } = model.predict(features, [Math.floor(index / 3), index % 3])
    expect(costs[index]).toBeCloseTo(cost, 4)
  }
  // Another state is scored anew.
  expect(model.costs(Float32Array.of(0))).not.toEqual(costs)
})

it('works without a state, which then stays', () => {
  const model = trained(0, 300)
  const none = new Float32Array(0)
  const { cost, nextFeatures } = model.predict(none, [1, 1])
  expect(cost * SCALE_MS).toBeGreaterThan(110)
  expect(cost * SCALE_MS).toBeLessThan(150)
  expect(nextFeatures).toEqual(none)
})

it('learns a cost beyond the limit as the limit', () => {
  const model = new SystemModel(problemOf(0), ENGINE, HYBRID, new Random(2))
  const none = new Float32Array(0)
  const bad = { features: none, decision: [0, 0], cost: 1e9, nextFeatures: none }
  model.update(
    Array.from({ length: 400 * HYBRID.batchSize }, () => bad),
    SCALE_MS,
  )
  expect(model.predict(none, [0, 0]).cost).toBeGreaterThan(HYBRID.scaledLimit * 0.8)
  expect(model.predict(none, [0, 0]).cost).toBeLessThan(HYBRID.scaledLimit * 1.2)
})

it('continues after restore as if never interrupted', () => {
  const original = trained(1, 100)
  const restored = new SystemModel(problemOf(1), ENGINE, HYBRID, new Random(99))
  restored.restore(structuredClone(original.save()))
  const random = new Random(3)
  const rows = Array.from({ length: 10 * HYBRID.batchSize }, () => experienceOf(random, 1))
  original.update(rows, SCALE_MS)
  restored.update(rows, SCALE_MS)
  expect(restored.save()).toEqual(original.save())
})
