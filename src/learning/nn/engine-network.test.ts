import { expect, it } from 'vitest'
import { adamRates } from './adam.ts'
import { EngineNetwork } from './engine-network.ts'
import { parameterCount } from './network.ts'
import { newVectors, type Training } from './training.ts'

const SHAPE = { devices: 1, choices: 2, stateSize: 0, hidden: 1, outputs: 1 }
const OPTIONS = {
  loss: 'huber',
  huberDelta: 1,
  learningRate: 0.01,
  learningRateHalfLife: 100,
  weightDecay: 0.2,
  weightDecayHalfLife: 50,
  averageDecay: 0.9,
  batchSize: 1,
} as const
const NONE = new Float32Array(0)

/** A network, and the rates it was last trained with. */
function networkOf() {
  const given: { rates: Float32Array } = { rates: NONE }
  const training: Training = {
    vectors: newVectors(new Float32Array(parameterCount(SHAPE)).fill(1)),
    run: (rates) => {
      given.rates = rates
      return rates
    },
  }
  return { given, network: new EngineNetwork(SHAPE, OPTIONS, training, () => undefined) }
}

const batches = (updates: number) => ({ updates, inputs: NONE, targets: NONE, weights: NONE })
const near = (rates: readonly number[]) => rates.map((rate) => expect.closeTo(rate, 8))

it('halves the step size and the weight decay after their half-lives, from call to call', () => {
  const { given, network } = networkOf()
  network.train(batches(2))
  expect([...given.rates.subarray(0, 3)]).toEqual(near(adamRates(1, 0.01, 0.2)))
  network.train(batches(99))
  expect([...given.rates.slice(-3)]).toEqual(near(adamRates(101, 0.005, 0.2 / 3)))
  expect(network.save().updates).toBe(101)
})

it('goes on counting after restore', () => {
  const { network } = networkOf()
  network.train(batches(100))
  const restored = networkOf()
  restored.network.restore(network.save())
  restored.network.train(batches(1))
  expect([...restored.given.rates]).toEqual(near(adamRates(101, 0.005, 0.2 / 3)))
})
