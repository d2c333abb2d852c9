import { expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import {
  encodeInput,
  forward,
  inputSize,
  networkShape,
  parameterCount,
  parameterViews,
} from '../nn/network.ts'
import type { NetworkState } from '../nn/wide-and-deep.ts'
import { transferBlocks, transferFeatures } from './blocks.ts'
import { transferNetwork } from './network.ts'
import { featuresPerDevice, type Task } from './task.ts'

/** Three features per device and three that all share, as in a fleet with nothing but a cloud. */
function taskOf(devices: number, choices = 4): Task {
  const placement = { tier: 'end', variant: 'd0' } as const
  const problem = {
    devices,
    stateSize: 3 * devices + 3,
    choices: Array.from({ length: choices }, () => ({ placement, accuracyPercent: 80 })),
  }
  return { problem, goalPercent: 80 }
}

const HIDDEN = 5

function networkOf(task: Task, seed: number): NetworkState {
  const random = new Random(seed)
  const count = parameterCount(networkShape(task.problem, HIDDEN, 1))
  const draw = () => Float32Array.from({ length: count }, () => random.normal())
  return {
    parameters: draw(),
    average: draw(),
    firstMoment: draw(),
    secondMoment: draw(),
    updates: 700,
  }
}

function outputOf(
  task: Task,
  { average }: NetworkState,
  features: Float32Array,
  decision: number[],
): number {
  const shape = networkShape(task.problem, HIDDEN, 1)
  const input = new Float32Array(inputSize(shape))
  encodeInput(shape, features, decision, input, 0)
  return forward(shape, parameterViews(shape, average), input)[0]
}

it('gives a new device the mean of the known ones, and drops devices that are no more', () => {
  const values = Float64Array.of(1, 2, 5, 8, 100)
  expect(transferBlocks(values, 2, 2, 3)).toEqual([1, 2, 5, 8, 3, 5, 100])
  expect(transferBlocks(values, 2, 2, 1)).toEqual([1, 2, 100])
  expect(transferBlocks(values, 2, 2, 2)).toEqual([...values])
  expect(transferBlocks(values, 0, 2, 7)).toEqual([...values])
})

it('moves the features that all share behind those of the devices', () => {
  const features = Float32Array.of(0, 1, 0, 1, 0, 1, 7, 8, 9)
  expect([...transferFeatures(features, taskOf(2), taskOf(3))]).toEqual([
    0, 1, 0, 1, 0, 1, 0.5, 0.5, 0.5, 7, 8, 9,
  ])
})

it('knows how many features a device has', () => {
  expect(featuresPerDevice(taskOf(2), taskOf(5))).toBe(3)
  expect(featuresPerDevice(taskOf(5), taskOf(2))).toBe(3)
  expect(featuresPerDevice(taskOf(4), taskOf(4))).toBe(0)
})

it('refuses tasks that do not compare', () => {
  const withEdges = { ...taskOf(3), problem: { ...taskOf(3).problem, stateSize: 16 } }
  for (const other of [withEdges, taskOf(3, 5)]) {
    expect(() => featuresPerDevice(taskOf(2), other)).toThrow(InvalidInputError)
  }
  const sameDevices = { ...taskOf(2), problem: { ...taskOf(2).problem, stateSize: 12 } }
  expect(() => featuresPerDevice(taskOf(2), sameDevices)).toThrow('use fleets with the same edges')
})

it('keeps the predicted cost of what all devices do alike when devices are added', () => {
  const from = taskOf(2)
  // Both devices in the same state.
  const features = Float32Array.of(0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
  for (const devices of [3, 4, 7]) {
    const to = taskOf(devices)
    const network = networkOf(from, devices)
    const moved = transferNetwork(network, from, to)
    for (let choice = 0; choice < 4; choice++) {
      const before = outputOf(from, network, features, [choice, choice])
      const all = Array<number>(devices).fill(choice)
      const after = outputOf(to, moved, transferFeatures(features, from, to), all)
      expect(after).toBeCloseTo(before, 4)
    }
  }
})

it('keeps it when one of two equal devices is dropped', () => {
  const from = taskOf(1)
  const network = networkOf(from, 3)
  const features = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
  const two = transferNetwork(network, from, taskOf(2))
  const one = transferNetwork(two, taskOf(2), from)
  for (let choice = 0; choice < 4; choice++) {
    expect(outputOf(from, one, features, [choice])).toBeCloseTo(
      outputOf(from, network, features, [choice]),
      5,
    )
  }
})

it('starts the optimiser anew, and leaves the saved network as it was', () => {
  const network = networkOf(taskOf(2), 4)
  const copy = structuredClone(network)
  const moved = transferNetwork(network, taskOf(2), taskOf(3))
  expect(network).toEqual(copy)
  expect(moved.updates).toBe(0)
  expect(moved.parameters).toEqual(moved.average)
  expect(moved.firstMoment.some((moment) => moment !== 0)).toBe(false)
  expect(transferNetwork(network, taskOf(2), taskOf(2))).toEqual(copy)
})
