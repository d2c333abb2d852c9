import { expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { evaluatedGradient } from './finite-differences.fixture.ts'
import { initialParameters, type NetworkShape } from './network.ts'
import { networkLoss, type TrainingOptions } from './network-loss.ts'
import { createOnnxEngine } from './onnx-engine.ts'
import { referenceEngine } from './reference-engine.ts'
import { VECTORS } from './training.ts'
import { encodeRows, type Row, WideAndDeepNetwork } from './wide-and-deep.ts'

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

/** Targets far from and near to the predictions, so that both parts of the Huber loss are met. */
function randomRows(shape: NetworkShape, updates: number, random: Random): Row[] {
  const { devices, choices, stateSize, outputs } = shape
  const target = () => (outputs === 1 ? 8 + 4 * random.normal() : random.uniform())
  return Array.from({ length: updates * OPTIONS.batchSize }, () => ({
    features: Float32Array.from({ length: stateSize }, () => random.uniform()),
    decision: Array.from({ length: devices }, () => random.integer(choices)),
    targets: Array.from({ length: outputs }, target),
    weight: random.uniform(),
  }))
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Math.max(0, ...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))))
}

it.each(SHAPES)(
  'agrees with the reference engine over 60 updates ($name)',
  ({ shape, options }) => {
    const parameters = initialParameters(shape, new Random(1), shape.outputs === 1 ? 8 : 0)
    const ours = new WideAndDeepNetwork(shape, onnx(), options, parameters)
    const reference = new WideAndDeepNetwork(shape, referenceEngine, options, parameters)
    const random = new Random(2)
    for (const updates of [1, 10, 49]) {
      const rows = randomRows(shape, updates, random)
      expect(largestDifference(ours.train(rows), reference.train(rows))).toBeLessThan(1e-4)
    }
    const [a, b] = [ours.save(), reference.save()]
    expect(a.updates).toBe(60)
    for (const key of VECTORS) {
      expect(largestDifference(a[key], b[key])).toBeLessThan(1e-4)
    }
    expect(largestDifference(a.parameters, parameters)).toBeGreaterThan(0.05)
  },
)

it('scores every joint decision as the reference does, and as one prediction each', () => {
  const parameters = initialParameters(VALUE, new Random(4), 8)
  const ours = new WideAndDeepNetwork(VALUE, onnx(), OPTIONS, parameters)
  const reference = new WideAndDeepNetwork(VALUE, referenceEngine, OPTIONS, parameters)
  const rows = randomRows(VALUE, 20, new Random(5))
  ours.train(rows)
  reference.train(rows)
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
  const [scores, expected] = [onnx(), referenceEngine].map((engine) =>
    new WideAndDeepNetwork(shape, engine, OPTIONS, parameters).scoreAll(features),
  )
  expect(scores.length).toBe(4 ** devices)
  expect(largestDifference(scores, expected)).toBeLessThan(1e-5)
})

it('applies the gradient: the first Adam step is one learning rate against its sign', () => {
  const options = { ...OPTIONS, weightDecay: 0 }
  const parameters = initialParameters(VALUE, new Random(8), 8)
  const rows = randomRows(VALUE, 1, new Random(9))
  const loss = networkLoss(VALUE, options)
  const { gradient } = evaluatedGradient(loss, parameters, encodeRows(VALUE, rows))
  const network = new WideAndDeepNetwork(VALUE, onnx(), options, parameters)
  network.train(rows)
  const after = network.save().parameters
  for (const [index, slope] of gradient.entries()) {
    if (Math.abs(slope) < 1e-3) continue
    const step = (after[index] ?? NaN) - (parameters[index] ?? NaN)
    expect(step).toBeCloseTo(-0.01 * Math.sign(slope), 4)
  }
})

it('is bit-identical: between runs, in one call or in many, and after restore', () => {
  const parameters = initialParameters(VALUE, new Random(1), 8)
  const create = (initial = parameters) => new WideAndDeepNetwork(VALUE, onnx(), OPTIONS, initial)
  const [one, many, restored] = [create(), create(), create(new Float32Array(parameters.length))]
  const random = new Random(2)
  const calls = Array.from({ length: 4 }, () => randomRows(VALUE, 5, random))
  one.train(calls.flat())
  for (const call of calls.slice(0, 2)) many.train(call)
  restored.restore(structuredClone(many.save()))
  for (const call of calls.slice(2)) {
    many.train(call)
    restored.train(call)
  }
  expect(many.save()).toEqual(one.save())
  expect(restored.save()).toEqual(one.save())
})

it.each([7, 9])('refuses what a network of %i hidden units saved, and stays as it is', (hidden) => {
  const other = { ...VALUE, hidden }
  const initial = initialParameters(VALUE, new Random(1), 8)
  for (const engine of [onnx(), referenceEngine]) {
    const drawn = initialParameters(other, new Random(2), 8)
    const saved = new WideAndDeepNetwork(other, engine, OPTIONS, drawn).save()
    const network = new WideAndDeepNetwork(VALUE, engine, OPTIONS, initial)
    expect(() => network.restore(saved)).toThrow(InvalidInputError)
    expect(() => network.restore(saved)).toThrow('use the same number of hidden units')
    expect(network.save().parameters).toEqual(initial)
  }
})
