import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { HYBRID } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import type { Sample } from '../replay/experience.ts'
import { Policy } from './policy.ts'

const ENGINE = createOnnxEngine() ?? referenceEngine
const NONE = new Float32Array(0)
const PROBLEM: Problem = {
  devices: 2,
  stateSize: 0,
  choices: [89.9, 83.2, 72.8].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}

/** A minibatch of random decisions whose cost is 100 ms per unit of choice, summed. */
function sampleOf(random: Random, weight = 1): Sample {
  const experiences = Array.from({ length: HYBRID.batchSize }, () => {
    const decision = [random.integer(3), random.integer(3)]
    const cost = 100 * (1 + (decision[0] ?? 0) + (decision[1] ?? 0))
    return { features: NONE, decision, cost, nextFeatures: NONE }
  })
  return {
    experiences,
    slots: experiences.map((_, slot) => slot),
    weights: new Float32Array(HYBRID.batchSize).fill(weight),
  }
}

it('learns the cost of every joint decision, with gamma 0', () => {
  const random = new Random(1)
  const policy = new Policy(PROBLEM, ENGINE, HYBRID, random)
  for (let session = 0; session < 30; session++) {
    policy.update(
      Array.from({ length: 50 }, () => sampleOf(random)),
      50,
    )
  }
  const costs = policy.costs(NONE)
  expect(costs.length).toBe(9)
  for (let index = 0; index < 9; index++) {
    const scaled = 2 * (1 + Math.floor(index / 3) + (index % 3))
    expect(Math.abs((costs[index] ?? NaN) - scaled) / scaled).toBeLessThan(0.08)
  }
})

it('returns prediction − target of every row, per minibatch, from before the update', () => {
  const random = new Random(2)
  const policy = new Policy(PROBLEM, ENGINE, HYBRID, random)
  const before = policy.costs(NONE).slice()
  const samples = [sampleOf(random), sampleOf(random)]
  const errors = policy.update(samples, 50)
  expect(errors.map((rows) => rows.length)).toEqual([64, 64])
  for (const [row, { decision, cost }] of (samples[0]?.experiences ?? []).entries()) {
    const prediction = before[(decision[0] ?? NaN) * 3 + (decision[1] ?? NaN)] ?? NaN
    expect(errors[0]?.[row]).toBeCloseTo(prediction - cost / 50, 4)
  }
})

it('learns nothing from rows of weight zero but forgets nothing else', () => {
  const still = { ...HYBRID, weightDecay: 0 }
  const policy = new Policy(PROBLEM, ENGINE, still, new Random(3))
  const before = policy.costs(NONE).slice()
  policy.update([sampleOf(new Random(4), 0)], 50)
  for (const [index, cost] of policy.costs(NONE).entries())
    expect(cost).toBeCloseTo(before[index] ?? NaN, 5)
})

it('continues after restore as if never interrupted', () => {
  const random = new Random(5)
  const original = new Policy(PROBLEM, ENGINE, HYBRID, random)
  original.update([sampleOf(random)], 50)
  const restored = new Policy(PROBLEM, ENGINE, HYBRID, new Random(6))
  restored.restore(structuredClone(original.save()))
  expect(restored.costs(NONE)).toEqual(original.costs(NONE))
  const sample = sampleOf(random)
  expect(restored.update([sample], 50)).toEqual(original.update([sample], 50))
  expect(restored.save()).toEqual(original.save())
})
