import { expect, it } from 'vitest'
import { NO_SURPRISE } from './knowledge.ts'
import { problemOf } from './model.fixture.ts'
import { learnResidual } from './residuals.ts'
import { StructuredModel } from './structured-model.ts'

const SURE = { mean: 5, variance: 0.01 }
/** Less sure than one response tells. */
const UNSURE = { mean: 5, variance: 0.05 }

/** A model, and what it learns from a response of the second device. @param node -1: the device itself */
function learner() {
  const model = new StructuredModel(problemOf(2))
  const { noise } = model.knowledge
  return {
    ...model.knowledge,
    learn: (value: number, belief = SURE, node = -1) =>
      learnResidual(model, 1, noise.local, { value, variance: 0.03 }, belief, node),
  }
}

it('counts every residual for the noise', () => {
  const { noise, learn } = learner()
  learn(5.1)
  learn(5.1, UNSURE)
  const first = 0.0225
  const second = (5 * first + (0.01 * first) / (first + 0.01) / 0.94) / 6
  expect(noise.local.count).toBe(2)
  expect(noise.local.squares).toBeCloseTo(
    ((0.01 * first) / (first + 0.01) + (0.01 * second) / (second + 0.05)) / 0.94,
    12,
  )
})

it('multiplies a surprise by the one before, of the same device and within three deviations', () => {
  const { repeats, lastSurprises, learn } = learner()
  learn(5.2)
  expect(repeats.count).toBe(0)
  // In deviations of √(0.03 + 0.01) = 0.2.
  expect(lastSurprises[1]).toBeCloseTo(1, 12)
  learn(4.9)
  expect(repeats.count).toBe(1)
  expect(repeats.sum).toBeCloseTo(-0.5, 12)
  learn(9)
  expect(repeats.sum).toBeCloseTo(-0.5 - 0.5 * 3, 12)
  expect(lastSurprises[0]).toBe(NO_SURPRISE)
})

it('tells nothing of repetition or tails where the belief is no surer than a response', () => {
  const { repeats, tails, lastSurprises, learn } = learner()
  learn(5.2)
  learn(5.2, UNSURE)
  learn(5.2)
  expect(repeats.count).toBe(0)
  expect(tails.all.count).toBe(2)
  expect(lastSurprises[1]).toBeCloseTo(1, 12)
})

it('takes e to the residual, of the group and of all, but for faults', () => {
  const { tails, learn } = learner()
  learn(5.5)
  learn(4.5, SURE, 0)
  learn(15, SURE, 1)
  expect(tails.local.sum).toBeCloseTo(Math.exp(0.5), 12)
  expect(tails.nodes[0]?.sum).toBeCloseTo(Math.exp(-0.5), 12)
  // No more than 20 times what is believed.
  expect(tails.nodes[1]?.sum).toBeCloseTo(Math.exp(3), 12)
  expect(tails.all.count).toBe(3)
  expect(tails.all.sum).toBeCloseTo(Math.exp(0.5) + Math.exp(-0.5) + Math.exp(3), 12)
})
