import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { encodeInput, inputSize, type NetworkShape, parameterViews } from './network.ts'
import { partialSums, stateSums } from './partial-sums.ts'

/** Two devices with two choices and one state feature: inputs d0c0, d0c1, d1c0, d1c1, s, tallies of c0 and c1. */
const SHAPE: NetworkShape = { devices: 2, choices: 2, stateSize: 1, hidden: 2, outputs: 1 }
// biome-ignore format: one line per part of the parameters
const VIEWS = parameterViews(SHAPE, Float32Array.of(
  1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70, // hiddenWeights [7, 2]
  0.5, 0.25, // hiddenBias [2]
  7, 7, // outputWeights [2, 1]
  100, 200, 300, 400, 500, 600, 700, // skipWeights [7, 1]
  -1, // outputBias [1]
))

it('adds the state to the biases', () => {
  const { hidden, skip } = stateSums(SHAPE, VIEWS, Float32Array.of(2))
  expect([...hidden]).toEqual([10.5, 100.25])
  expect([...skip]).toEqual([999])
})

it('gives the first device the state, and both the tallies with their own rows', () => {
  const sums = partialSums(SHAPE, VIEWS, Float32Array.of(2))
  expect([...sums.prefixHidden]).toEqual([17.5, 170.25, 19.5, 190.25])
  expect([...sums.suffixHidden]).toEqual([9, 90, 11, 110])
  expect([...sums.prefixSkip]).toEqual([1699, 1899])
  expect([...sums.suffixSkip]).toEqual([900, 1100])
})

it.each([1, 2, 3, 5])('sums to the first layer of every decision of %i devices', (devices) => {
  const shape = { ...SHAPE, devices, choices: 3, stateSize: 2, hidden: 4 }
  const random = new Random(devices)
  const width = inputSize(shape)
  const parameters = Float32Array.from({ length: width * 5 + 4 + 4 + 1 }, () => random.normal())
  const views = parameterViews(shape, parameters)
  const features = Float32Array.of(0.3, -0.7)
  const { prefixHidden, suffixHidden } = partialSums(shape, views, features)
  const suffixes = suffixHidden.length / shape.hidden
  expect((prefixHidden.length / shape.hidden) * suffixes).toBe(3 ** devices)
  for (let index = 0; index < 3 ** devices; index++) {
    const decision = Array.from(
      { length: devices },
      (_, device) => Math.floor(index / 3 ** (devices - 1 - device)) % 3,
    )
    const input = new Float32Array(width)
    encodeInput(shape, features, decision, input, 0)
    for (let h = 0; h < shape.hidden; h++) {
      const prefix = Math.floor(index / suffixes) * shape.hidden + h
      const suffix = (index % suffixes) * shape.hidden + h
      const dense = input.reduce(
        (sum, x, i) => sum + x * (views.hiddenWeights[i * shape.hidden + h] ?? NaN),
        views.hiddenBias[h] ?? NaN,
      )
      const sum = (prefixHidden[prefix] ?? NaN) + (suffixHidden[suffix] ?? NaN)
      expect(sum).toBeCloseTo(dense, 5)
    }
  }
})
