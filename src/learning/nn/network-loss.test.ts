import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { adamRates } from './adam.ts'
import { BACK_ENDS, differences } from './finite-differences.fixture.ts'
import {
  initialParameters,
  inputSize,
  type NetworkShape,
  parameterLayout,
  parameterViews,
} from './network.ts'
import {
  networkLoss,
  networkOptimiser,
  type TrainingOptions,
  trainingRates,
} from './network-loss.ts'
import { viewsOf } from './parameter-layout.ts'
import type { Feeds } from './training.ts'

const VALUE: NetworkShape = { devices: 2, choices: 3, stateSize: 2, hidden: 4, outputs: 1 }
const OPTIONS: TrainingOptions = {
  loss: 'huber',
  huberDelta: 1,
  learningRate: 0.01,
  learningRateHalfLife: 50,
  weightDecay: 0.15,
  weightDecayHalfLife: 100,
  averageDecay: 0.9,
  batchSize: 12,
}
const CASES = [
  { what: 'a value, Huber', shape: VALUE, options: OPTIONS },
  {
    what: 'the next state, cross-entropy',
    shape: { ...VALUE, outputs: 2 },
    options: { ...OPTIONS, loss: 'cross-entropy' },
  },
] as const

type Batch = Feeds<'inputs' | 'targets' | 'weights'>

/** Targets far from and near to the predictions, so that both parts of the Huber loss are met. */
function batchOf(shape: NetworkShape, random: Random): Batch {
  const draw = (length: number, one: () => number) => Float32Array.from({ length }, one)
  const { batchSize } = OPTIONS
  return {
    inputs: draw(batchSize * inputSize(shape), () => random.integer(2) * random.normal()),
    targets: draw(batchSize * shape.outputs, () =>
      shape.outputs === 1 ? 8 + 4 * random.normal() : random.uniform(),
    ),
    weights: draw(batchSize, () => random.uniform()),
  }
}

function outputsOf(shape: NetworkShape, parameters: Float64Array, input: Float32Array): number[] {
  const { hiddenWeights, hiddenBias, outputWeights, skipWeights, outputBias } = viewsOf(
    parameterLayout(shape),
    parameters,
  )
  const sum = (from: ArrayLike<number>, weights: Float64Array, column: number, width: number) =>
    Array.from(from, (x, i) => x * weights[i * width + column]).reduce((a, b) => a + b, 0)
  const { hidden, outputs } = shape
  const units = Array.from(hiddenBias, (bias, h) =>
    Math.max(0, bias + sum(input, hiddenWeights, h, hidden)),
  )
  return Array.from(
    outputBias,
    (bias, o) => bias + sum(input, skipWeights, o, outputs) + sum(units, outputWeights, o, outputs),
  )
}

/** The mean weighted loss, in double precision. */
function lossOf(
  shape: NetworkShape,
  { loss, huberDelta }: TrainingOptions,
  { inputs, targets, weights }: Batch,
  parameters: Float64Array,
): number {
  const width = inputSize(shape)
  const losses = Array.from(weights, (weight, row) => {
    const input = inputs.subarray(row * width, (row + 1) * width)
    return outputsOf(shape, parameters, input).map((output, o) => {
      const target = targets[row * shape.outputs + o]
      const size = Math.abs(output - target)
      const huber = size <= huberDelta ? size ** 2 / 2 : huberDelta * (size - huberDelta / 2)
      const crossEntropy = Math.log(1 + Math.exp(output)) - target * output
      return weight * (loss === 'huber' ? huber : crossEntropy)
    })
  })
  return losses.flat().reduce((a, b) => a + b, 0) / weights.length
}

describe.each(BACK_ENDS)('on $backEnd', ({ gradientOf }) => {
  describe.each(CASES)('the loss of $what', ({ shape, options }) => {
    const random = new Random(6)
    const outputBias = shape.outputs === 1 ? 8 : 0
    const parameters = initialParameters(shape, random, outputBias).map(
      (value) => value + 0.3 * random.normal(),
    )
    const batch = batchOf(shape, random)
    const { gradient, report } = gradientOf(networkLoss(shape, options), parameters, batch)

    it('has the gradient that finite differences give', () => {
      const expected = differences((moved) => lossOf(shape, options, batch, moved), parameters)
      for (const [index, slope] of expected.entries()) expect(gradient[index]).toBeCloseTo(slope, 5)
      expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1)
    })

    it('reports prediction − target', () => {
      const width = inputSize(shape)
      const predictions = Array.from(batch.weights, (_, row) =>
        outputsOf(
          shape,
          Float64Array.from(parameters),
          batch.inputs.subarray(row * width, (row + 1) * width),
        ),
      ).flat()
      for (const [i, prediction] of predictions.entries()) {
        const value = options.loss === 'huber' ? prediction : 1 / (1 + Math.exp(-prediction))
        expect(report[i]).toBeCloseTo(value - batch.targets[i], 4)
      }
      const sizes = report.map(Math.abs)
      if (options.loss === 'huber') expect(Math.min(...sizes)).toBeLessThan(1)
      if (options.loss === 'huber') expect(Math.max(...sizes)).toBeGreaterThan(1)
    })
  })

  it('is moved little by an outlier', () => {
    const parameters = initialParameters(VALUE, new Random(1), 8)
    const batch = batchOf(VALUE, new Random(3))
    const gradientWith = (target: number) => {
      const targets = batch.targets.slice()
      targets[0] = target
      return gradientOf(networkLoss(VALUE, OPTIONS), parameters, { ...batch, targets }).gradient
    }
    expect(gradientWith(1e6)).toEqual(gradientWith(30))
  })
})

it('decays the weights of the deep path alone', () => {
  const { decayMask } = networkOptimiser(VALUE, OPTIONS)
  const { hiddenWeights, outputWeights, ...others } = parameterViews(VALUE, decayMask)
  expect(new Set([...hiddenWeights, ...outputWeights])).toEqual(new Set([1]))
  expect(new Set(Object.values(others).flatMap((part) => [...part]))).toEqual(new Set([0]))
})

it('halves the step size and the weight decay after their half-lives', () => {
  const near = (rates: readonly number[]) => rates.map((rate) => expect.closeTo(rate, 8))
  const rates = trainingRates(OPTIONS, 49, 52)
  expect(rates).toHaveLength(3 * 52)
  expect([...rates.slice(3, 6)]).toEqual(near(adamRates(51, 0.005, 0.1)))
  expect([...rates.slice(-3)]).toEqual(near(adamRates(101, 0.01 / 3, 0.075)))
})
