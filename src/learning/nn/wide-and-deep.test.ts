import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { costTrainingOptions } from './cost-scale.ts'
import { initialParameters, networkShape } from './network.ts'
import { referenceEngine } from './reference-engine.ts'
import { encodeRows, WideAndDeepNetwork } from './wide-and-deep.ts'

const PROBLEM = {
  devices: 2,
  stateSize: 1,
  choices: [80, 90].map((accuracyPercent, index) => ({
    placement: { tier: 'end' as const, variant: `d${index}` },
    accuracyPercent,
  })),
}
const SHAPE = networkShape(PROBLEM, 4, 1)
const TRAINING = {
  huberDelta: 1,
  learningRate: 0.01,
  learningRateHalfLife: 1000,
  weightDecay: 0,
  weightDecayHalfLife: 1000,
  batchSize: 2,
}

function rowOf(state: number, decision: readonly number[], target: number) {
  return { features: Float32Array.of(state), decision, targets: [target], weight: 1 }
}

it('lays rows out as minibatches', () => {
  const rows = [rowOf(0.5, [1, 0], 7), rowOf(0.25, [0, 1], 8)]
  const batches = encodeRows(SHAPE, rows)
  expect([...batches.inputs]).toEqual([0, 1, 1, 0, 0.5, 1, 1, 1, 0, 0, 1, 0.25, 1, 1])
  expect([...batches.targets]).toEqual([7, 8])
  expect([...batches.weights]).toEqual([1, 1])
})

it('never gives the scores of another state, or from before a training', () => {
  const options = costTrainingOptions(TRAINING, 0)
  const parameters = initialParameters(SHAPE, new Random(1), 5)
  const network = new WideAndDeepNetwork(SHAPE, referenceEngine, options, parameters)
  const all = [0, 1].flatMap((first) => [0, 1].map((second) => [first, second]))
  const expectCurrent = (state: number) => {
    const features = Float32Array.of(state)
    const costs = network.scoreAll(features)
    for (const [index, decision] of all.entries()) {
      expect(costs[index]).toBeCloseTo(network.predict(features, decision)[0], 5)
    }
  }
  expectCurrent(0)
  expectCurrent(0)
  expectCurrent(1)
  const saved = network.save()
  network.train([rowOf(1, [0, 0], 9), rowOf(0, [1, 1], 1)])
  expectCurrent(1)
  network.restore(saved)
  expectCurrent(1)
})
