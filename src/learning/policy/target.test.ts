import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { HYBRID } from '../agents/hyperparameters.ts'
import { ExactConstraint } from '../constraint/exact.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Problem, State } from '../environment/environment.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import { Policy } from './policy.ts'
import { Target } from './target.ts'

const PROBLEM: Problem = {
  devices: 1,
  stateSize: 1,
  choices: [89.9, 80, 72.8].map((accuracyPercent, index) => ({
    placement: { tier: 'end', variant: `d${index}` },
    accuracyPercent,
  })),
}
const SMALL = { ...HYBRID, hidden: 4, batchSize: 4 }
const [IDLE, BUSY] = [Float32Array.of(0), Float32Array.of(1)]
const MS_PER_UNIT = 50

function stateOf(goalPercent: number): State {
  return { features: IDLE, goalPercent, available: allAvailable(PROBLEM) }
}

function policyOf(seed: number): Policy {
  return new Policy(PROBLEM, referenceEngine, SMALL, new Random(seed))
}

function targetOf(discount: number): Target {
  const constraint = new ExactConstraint(PROBLEM)
  return new Target(PROBLEM, referenceEngine, SMALL, discount, constraint, new Random(9))
}

const experience = { features: IDLE, decision: [0], cost: 100, nextFeatures: BUSY }

it("is (1 − γ) r + γ min Q'(s', ·) over what is allowed, in ms", () => {
  const [policy, target] = [policyOf(1), targetOf(0.25)]
  target.copy(policy)
  const costs = policy.costs(BUSY)
  const whole = Math.min(...costs)
  expect(target.costMs(experience, stateOf(0), MS_PER_UNIT)).toBeCloseTo(
    0.75 * 100 + 0.25 * whole * MS_PER_UNIT,
    3,
  )
  // At a goal of 85 % only the first choice is left.
  expect(target.costMs(experience, stateOf(85), MS_PER_UNIT)).toBeCloseTo(
    0.75 * 100 + 0.25 * costs[0] * MS_PER_UNIT,
    3,
  )
})

it('holds still while Q learns, until it is copied', () => {
  const [policy, target] = [policyOf(2), targetOf(0.5)]
  target.copy(policy)
  const before = target.costMs(experience, stateOf(0), MS_PER_UNIT)
  const experiences = Array.from({ length: 4 }, () => ({ ...experience, features: BUSY, cost: 0 }))
  const sample = { experiences, slots: [0, 1, 2, 3], weights: new Float32Array(4).fill(1) }
  for (let i = 0; i < 200; i++) policy.update([sample], MS_PER_UNIT)
  expect(target.costMs(experience, stateOf(0), MS_PER_UNIT)).toBe(before)
  target.copy(policy)
  expect(target.costMs(experience, stateOf(0), MS_PER_UNIT)).toBeLessThan(before - 1)
})

it('continues after restore', () => {
  const [target, restored] = [targetOf(0.5), targetOf(0.5)]
  target.copy(policyOf(3))
  const before = restored.costMs(experience, stateOf(0), MS_PER_UNIT)
  restored.restore(structuredClone(target.save()))
  const after = restored.costMs(experience, stateOf(0), MS_PER_UNIT)
  expect(after).toBe(target.costMs(experience, stateOf(0), MS_PER_UNIT))
  expect(after).not.toBe(before)
})
