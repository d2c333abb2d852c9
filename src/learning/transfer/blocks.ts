/** Lists that hold one block of numbers per device, and after them what devices share. */
import { featuresPerDevice, type Task } from './task.ts'

/**
 * The list for another number of devices: known devices keep their blocks, a new device takes the mean of the known ones,
 * devices that are no more are dropped.
 * @param values [from devices, block, …, shared]
 * @param block length of one device's
 * @returns [to devices, block, …, shared]
 */
export function transferBlocks(
  values: Float32Array | Float64Array,
  block: number,
  from: number,
  to: number,
): number[] {
  const mean = Array<number>(block).fill(0)
  for (let i = 0; i < from * block; i++) {
    mean[i % block] = mean[i % block] + values[i] / from
  }
  const blocks = Array.from({ length: to }, (_, device) =>
    device < from ? [...values.subarray(device * block, (device + 1) * block)] : mean,
  )
  return [...blocks.flat(), ...values.subarray(from * block)]
}

/** State features as the other fleet has them. */
export function transferFeatures(features: Float32Array, from: Task, to: Task): Float32Array {
  const block = featuresPerDevice(from, to)
  return Float32Array.from(
    transferBlocks(features, block, from.problem.devices, to.problem.devices),
  )
}
