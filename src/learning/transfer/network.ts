/**
 * A cost network for another number of devices. The cost is an average over devices, so what one device adds to it is worth
 * fewer or more parts of it: the weights of devices are multiplied by from/to. A joint decision in which all devices do the
 * same then keeps its predicted cost when devices are added. The optimiser starts anew.
 */

import { inputSize, networkShape, parameterViews } from '../nn/network.ts'
import type { NetworkState } from '../nn/wide-and-deep.ts'
import { transferBlocks } from './blocks.ts'
import { featuresPerDevice, type Task } from './task.ts'

/**
 * @param saved of a network with one output
 * @throws InvalidInputError if the tasks do not compare
 */
export function transferNetwork(saved: NetworkState, from: Task, to: Task): NetworkState {
  if (from.problem.devices === to.problem.devices) return saved
  const shape = networkShape(from.problem, hiddenOf(saved, from), 1)
  const perDevice = featuresPerDevice(from, to)
  const views = parameterViews(shape, saved.average)
  const { hidden } = shape
  const parameters = Float32Array.of(
    ...transferRows(views.hiddenWeights, hidden, perDevice, from, to),
    ...views.hiddenBias,
    ...views.outputWeights,
    ...transferRows(views.skipWeights, 1, perDevice, from, to),
    ...views.outputBias,
  )
  return {
    parameters,
    average: parameters.slice(),
    firstMoment: new Float32Array(parameters.length),
    secondMoment: new Float32Array(parameters.length),
    updates: 0,
  }
}

/** @param rows of the inputs: choices of each device, features of each device, shared features, tallies of choices [inputs, width] */
function transferRows(
  rows: Float32Array,
  width: number,
  perDevice: number,
  { problem: { devices, choices } }: Task,
  { problem: { devices: toDevices } }: Task,
): number[] {
  const ofChoices = rows.subarray(0, devices * choices.length * width)
  const ofTallies = rows.subarray(rows.length - choices.length * width)
  const ofState = rows.subarray(ofChoices.length, rows.length - ofTallies.length)
  const share = devices / toDevices
  const choiceRows = transferBlocks(ofChoices, choices.length * width, devices, toDevices)
  const stateRows = transferBlocks(ofState, perDevice * width, devices, toDevices)
  const ofDevices = toDevices * perDevice * width
  return [
    ...choiceRows.map((weight) => weight * share),
    ...stateRows.map((weight, i) => (i < ofDevices ? weight * share : weight)),
    ...ofTallies.map((weight) => weight * share),
  ]
}

/** Units of the hidden layer, by the number of parameters: hidden · (inputs + 2) + inputs + 1. */
function hiddenOf({ average }: NetworkState, { problem }: Task): number {
  const inputs = inputSize(networkShape(problem, 0, 1))
  return (average.length - inputs - 1) / (inputs + 2)
}
