import { expect, it } from 'vitest'
import { adamRates, decayMask } from './adam.ts'
import type { TrainingOptions } from './engine.ts'
import { parameterViews } from './network.ts'

const OPTIONS: TrainingOptions = {
  loss: 'huber',
  huberDelta: 1,
  learningRate: 0.01,
  learningRateHalfLife: 100,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.15,
  weightDecayHalfLife: 100,
  averageDecay: 0.98,
  batchSize: 1,
}

it('gives the rates of the first update by hand', () => {
  // 0.01 · √(1 − 0.999) / (1 − 0.9) = 0.00316228; 1e-8 · √0.001 = 3.16228e-10; 0.01 · 0.15
  const [stepSize, epsilon, decay] = adamRates(OPTIONS, 1)
  expect(stepSize).toBeCloseTo(0.0031622777, 9)
  expect(epsilon).toBeCloseTo(3.16228e-10, 14)
  expect(decay).toBeCloseTo(0.0015, 12)
})

it('halves the step size and the weight decay after their half-lives', () => {
  const late = { ...OPTIONS, learningRateHalfLife: 1e9 }
  expect(adamRates(OPTIONS, 101)[0] / adamRates(late, 101)[0]).toBeCloseTo(0.5, 6)
  // both halved: 0.005 · 0.075
  expect(adamRates(OPTIONS, 101)[2]).toBeCloseTo(0.000375, 12)
})

it('equals Adam with bias-corrected moments', () => {
  const gradients = [0.5, -2, 3]
  let m = 0
  let v = 0
  for (const [index, gradient] of gradients.entries()) {
    const t = index + 1
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient * gradient
    const rate = 0.01 / (1 + index / 100)
    const textbook = (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
    const [stepSize, epsilon] = adamRates(OPTIONS, t)
    expect((stepSize * m) / (Math.sqrt(v) + epsilon)).toBeCloseTo(textbook, 10)
  }
})

it('decays the weights of the deep path alone', () => {
  const shape = { devices: 2, choices: 2, stateSize: 1, hidden: 3, outputs: 1 }
  const views = parameterViews(shape, decayMask(shape))
  expect(views.hiddenWeights.every((value) => value === 1)).toBe(true)
  expect(views.outputWeights.every((value) => value === 1)).toBe(true)
  for (const part of [views.hiddenBias, views.skipWeights, views.outputBias]) {
    expect(part.every((value) => value === 0)).toBe(true)
  }
})
