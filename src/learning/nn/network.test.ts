import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import {
  encodeInput,
  forward,
  initialParameters,
  inputSize,
  parameterCount,
  parameterViews,
} from './network.ts'
import { partialSums, prefixDevices } from './partial-sums.ts'

/** One device with two choices, one state feature: small enough to compute by hand. Inputs: c0, c1, s, tally of c0, of c1. */
const TINY = { devices: 1, choices: 2, stateSize: 1, hidden: 2, outputs: 1 }

it('has the sizes of the paper-sized network: 60 inputs, 64 hidden units, one output', () => {
  const shape = { devices: 5, choices: 10, stateSize: 0, hidden: 64, outputs: 1 }
  expect(inputSize(shape)).toBe(60)
  expect(parameterCount(shape)).toBe(4029)
})

it('encodes a decision one-hot, then the state, then how many devices take each choice', () => {
  const shape = { devices: 2, choices: 3, stateSize: 2, hidden: 1, outputs: 1 }
  const inputs = new Float32Array(33)
  encodeInput(shape, Float32Array.of(0.5, 0.25), [2, 0], inputs, 1)
  encodeInput(shape, Float32Array.of(0.75, 1), [1, 1], inputs, 2)
  expect([...inputs.subarray(0, 11)]).toEqual(new Array(11).fill(0))
  expect([...inputs.subarray(11, 22)]).toEqual([0, 0, 1, 1, 0, 0, 0.5, 0.25, 1, 0, 1])
  expect([...inputs.subarray(22)]).toEqual([0, 1, 0, 0, 1, 0, 0.75, 1, 0, 2, 0])
})

it('computes the output by hand: ReLU path plus linear path', () => {
  const views = parameterViews(
    TINY,
    // biome-ignore format: one line per part of the parameters
    Float32Array.of(
      1, -1, 2, 3, 0.5, -4, 9, 9, 0.25, 0.5, // hiddenWeights [5, 2]
      0.5, 1, // hiddenBias [2]
      2, 3, // outputWeights [2, 1]
      10, 20, 30, 99, 5, // skipWeights [5, 1]
      7, // outputBias [1]
    ),
  )
  // choice 1, state 2: hidden = relu([0.5 + 2 + 2·0.5 + 0.25, 1 + 3 − 2·4 + 0.5]) = [3.75, 0]; 7 + 2·3.75 + 20 + 2·30 + 5 = 99.5
  const units = new Float32Array(2)
  expect([...forward(TINY, views, Float32Array.of(0, 1, 2, 0, 1), units)]).toEqual([99.5])
  expect([...units]).toEqual([3.75, 0])
})

it('starts from the same parameters for the same seed, at the given output bias, with no linear path', () => {
  const shape = { devices: 3, choices: 4, stateSize: 2, hidden: 8, outputs: 2 }
  const parameters = initialParameters(shape, new Random(7), 5)
  expect(initialParameters(shape, new Random(7), 5)).toEqual(parameters)
  expect(initialParameters(shape, new Random(8), 5)).not.toEqual(parameters)
  const views = parameterViews(shape, parameters)
  expect([...views.outputBias]).toEqual([5, 5])
  expect(views.skipWeights.every((weight) => weight === 0)).toBe(true)
  expect(views.hiddenWeights.every((weight) => weight !== 0)).toBe(true)
})

it('sums the first layer of every joint decision from a prefix and a suffix', () => {
  const shape = { devices: 3, choices: 3, stateSize: 2, hidden: 4, outputs: 1 }
  const random = new Random(3)
  const parameters = initialParameters(shape, random, 1).map(() => random.normal())
  const views = parameterViews(shape, parameters)
  const features = Float32Array.of(0.3, 0.9)
  const sums = partialSums(shape, views, features)
  expect(prefixDevices(shape)).toBe(1)
  for (let index = 0; index < 27; index++) {
    const decision = [Math.floor(index / 9), Math.floor(index / 3) % 3, index % 3]
    const prefix = Math.floor(index / 9)
    const suffix = index % 9
    const input = new Float32Array(inputSize(shape))
    encodeInput(shape, features, decision, input, 0)
    const units = new Float32Array(4)
    const [output] = forward(shape, views, input, units)
    let viaSums = (sums.prefixSkip[prefix] ?? NaN) + (sums.suffixSkip[suffix] ?? NaN)
    for (let h = 0; h < 4; h++) {
      const unit = Math.max(
        0,
        (sums.prefixHidden[prefix * 4 + h] ?? NaN) + (sums.suffixHidden[suffix * 4 + h] ?? NaN),
      )
      expect(unit).toBeCloseTo(units[h] ?? NaN, 5)
      viaSums += unit * (views.outputWeights[h] ?? NaN)
    }
    expect(viaSums).toBeCloseTo(output ?? NaN, 4)
  }
})
