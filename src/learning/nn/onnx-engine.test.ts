import { expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import type { Batches, TrainingOptions } from './engine.ts'
import { evaluatedGradient } from './finite-differences.fixture.ts'
import { initialParameters, inputSize, type NetworkShape } from './network.ts'
import { networkLoss } from './network-loss.ts'
import { createOnnxEngine } from './onnx-engine.ts'
import { referenceEngine } from './reference-engine.ts'

const OPTIONS: TrainingOptions = {
  loss: 'huber',
  huberDelta: 1,
  learningRate: 0.01,
  learningRateHalfLife: 50,
  weightDecay: 0.15,
  weightDecayHalfLife: 100,
  averageDecay: 0.9,
  batchSize: 16,
}
const VALUE: NetworkShape = { devices: 3, choices: 4, stateSize: 2, hidden: 8, outputs: 1 }
const STATE: NetworkShape = { ...VALUE, outputs: 2 }
const SHAPES = [
  { name: 'value, Huber', shape: VALUE, options: OPTIONS },
  {
    name: 'next state, cross-entropy',
    shape: STATE,
    options: { ...OPTIONS, loss: 'cross-entropy' },
  },
] as const

function onnx() {
  const engine = createOnnxEngine()
  if (!engine) throw new Error('ONNX Runtime could not be loaded')
  return engine
}

function randomBatches(shape: NetworkShape, updates: number, random: Random): Batches {
  const rows = updates * OPTIONS.batchSize
  const width = inputSize(shape)
  const inputs = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    for (let device = 0; device < shape.devices; device++) {
      inputs[row * width + device * shape.choices + random.integer(shape.choices)] = 1
    }
    for (let i = 0; i < shape.stateSize; i++) inputs[(row + 1) * width - 1 - i] = random.uniform()
  }
  return {
    updates,
    inputs,
    // Targets far from and near to the predictions, so that both parts of the Huber loss are met.
    targets: Float32Array.from({ length: rows * shape.outputs }, () =>
      shape.outputs === 1 ? 8 + 4 * random.normal() : random.uniform(),
    ),
    weights: Float32Array.from({ length: rows }, () => random.uniform()),
  }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Math.max(0, ...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))))
}

it.each(SHAPES)(
  'agrees with the reference engine over 60 updates ($name)',
  ({ shape, options }) => {
    const parameters = initialParameters(shape, new Random(1), shape.outputs === 1 ? 8 : 0)
    const ours = onnx().create(shape, options, parameters)
    const reference = referenceEngine.create(shape, options, parameters)
    const random = new Random(2)
    for (const updates of [1, 10, 49]) {
      const batches = randomBatches(shape, updates, random)
      expect(largestDifference(ours.train(batches), reference.train(batches))).toBeLessThan(1e-4)
    }
    const [a, b] = [ours.save(), reference.save()]
    expect(a.updates).toBe(60)
    for (const key of ['parameters', 'firstMoment', 'secondMoment', 'average'] as const) {
      expect(largestDifference(a[key], b[key])).toBeLessThan(1e-4)
    }
    expect(largestDifference(a.parameters, parameters)).toBeGreaterThan(0.05)
  },
)

it('scores every joint decision as the reference does, and as one prediction each', () => {
  const parameters = initialParameters(VALUE, new Random(4), 8)
  const ours = onnx().create(VALUE, OPTIONS, parameters)
  const reference = referenceEngine.create(VALUE, OPTIONS, parameters)
  const batches = randomBatches(VALUE, 20, new Random(5))
  ours.train(batches)
  reference.train(batches)
  const features = Float32Array.of(0.1, 0.7)
  const scores = ours.scoreAll(features)
  expect(scores.length).toBe(64)
  expect(largestDifference(scores, reference.scoreAll(features))).toBeLessThan(1e-4)
  for (let index = 0; index < 64; index++) {
    const decision = [Math.floor(index / 16), Math.floor(index / 4) % 4, index % 4]
    expect(scores[index]).toBeCloseTo(ours.predict(features, decision)[0] ?? NaN, 4)
  }
})

it.each([1, 2, 4])('scores fleets of %i devices', (devices) => {
  const shape = { ...VALUE, devices }
  const parameters = initialParameters(shape, new Random(4), 8)
  const features = Float32Array.of(1, 0)
  const scores = onnx().create(shape, OPTIONS, parameters).scoreAll(features)
  const expected = referenceEngine.create(shape, OPTIONS, parameters).scoreAll(features)
  expect(scores.length).toBe(4 ** devices)
  expect(largestDifference(scores, expected)).toBeLessThan(1e-5)
})

it('applies the gradient: the first Adam step is one learning rate against its sign', () => {
  const options = { ...OPTIONS, weightDecay: 0 }
  const parameters = initialParameters(VALUE, new Random(8), 8)
  const batch = randomBatches(VALUE, 1, new Random(9))
  const { gradient } = evaluatedGradient(networkLoss(VALUE, options), parameters, batch)
  const network = onnx().create(VALUE, options, parameters)
  network.train(batch)
  const after = network.save().parameters
  for (const [index, slope] of gradient.entries()) {
    if (Math.abs(slope) < 1e-3) continue
    const step = (after[index] ?? NaN) - (parameters[index] ?? NaN)
    expect(step).toBeCloseTo(-0.01 * Math.sign(slope), 4)
  }
})

it('is bit-identical: between runs, in one call or in many, and after restore', () => {
  const parameters = initialParameters(VALUE, new Random(1), 8)
  const [one, many] = [0, 1].map(() => onnx().create(VALUE, OPTIONS, parameters))
  const random = new Random(2)
  const calls = Array.from({ length: 4 }, () => randomBatches(VALUE, 5, random))
  const joined = (key: 'inputs' | 'targets' | 'weights') =>
    Float32Array.from(calls.flatMap((call) => [...call[key]]))
  one?.train({
    updates: 20,
    inputs: joined('inputs'),
    targets: joined('targets'),
    weights: joined('weights'),
  })
  for (const call of calls.slice(0, 2)) many?.train(call)
  const halfway = many?.save()
  const restored = onnx().create(VALUE, OPTIONS, new Float32Array(parameters.length))
  if (halfway) restored.restore(structuredClone(halfway))
  for (const call of calls.slice(2)) {
    many?.train(call)
    restored.train(call)
  }
  expect(many?.save()).toEqual(one?.save())
  expect(restored.save()).toEqual(one?.save())
})

it.each([7, 9])('refuses what a network of %i hidden units saved, and stays as it is', (hidden) => {
  const other = { ...VALUE, hidden }
  const initial = initialParameters(VALUE, new Random(1), 8)
  for (const engine of [onnx(), referenceEngine]) {
    const saved = engine.create(other, OPTIONS, initialParameters(other, new Random(2), 8)).save()
    const network = engine.create(VALUE, OPTIONS, initial)
    expect(() => network.restore(saved)).toThrow(InvalidInputError)
    expect(() => network.restore(saved)).toThrow('use the same number of hidden units')
    expect(network.save().parameters).toEqual(initial)
  }
})
