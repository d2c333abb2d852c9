/**
 * The factorised first layer: the hidden units of a joint decision are a sum of one row per device, so the sums of the
 * first half of the devices (prefixes) and of the second half (suffixes) give all choices^devices decisions by one addition each.
 */
import { firstTally, type NetworkShape, type ParameterViews } from './network.ts'

/** By the combinations of some devices' choices, first device most significant. */
export interface PartialSums {
  /** Bias, state and first devices. [prefixes, hidden] */
  readonly prefixHidden: Float32Array
  /** Last devices. [suffixes, hidden] */
  readonly suffixHidden: Float32Array
  /** The same sums along the linear path, for a network of one output. [prefixes] */
  readonly prefixSkip: Float32Array
  /** [suffixes] */
  readonly suffixSkip: Float32Array
}

/** How many devices the prefix covers: the smaller half, so that a suffix block is one long matrix product. */
export function prefixDevices(shape: NetworkShape): number {
  return Math.floor(shape.devices / 2)
}

/** What every decision in one state shares. */
export interface StateSums {
  /** Hidden bias plus the state's part. [hidden] */
  readonly hidden: Float32Array
  /** Output bias plus the state's part along the linear path, for a network of one output. [1] */
  readonly skip: Float32Array
}

/** @param features [stateSize] */
export function stateSums(
  shape: NetworkShape,
  views: ParameterViews,
  features: Float32Array,
): StateSums {
  const hidden = views.hiddenBias.slice()
  const skip = views.outputBias.slice()
  addStateRows(shape, views.hiddenWeights, features, hidden)
  addStateRows(shape, views.skipWeights, features, skip)
  return { hidden, skip }
}

/** @param features [stateSize] */
export function partialSums(
  shape: NetworkShape,
  views: ParameterViews,
  features: Float32Array,
): PartialSums {
  const { hiddenWeights, skipWeights } = views
  const { devices } = shape
  const split = prefixDevices(shape)
  const state = stateSums(shape, views, features)
  const nothing = { hidden: new Float32Array(shape.hidden), skip: new Float32Array(1) }
  return {
    prefixHidden: sumsOver(0, split, shape, hiddenWeights, state.hidden),
    suffixHidden: sumsOver(split, devices, shape, hiddenWeights, nothing.hidden),
    prefixSkip: sumsOver(0, split, shape, skipWeights, state.skip),
    suffixSkip: sumsOver(split, devices, shape, skipWeights, nothing.skip),
  }
}

/** row += features · weights of the state inputs. `weights` [inputs, width], `row` [width] */
function addStateRows(
  { devices, choices, stateSize }: NetworkShape,
  weights: Float32Array,
  features: Float32Array,
  row: Float32Array,
): void {
  const width = row.length
  for (let i = 0; i < stateSize; i++) {
    const start = (devices * choices + i) * width
    for (let column = 0; column < width; column++) {
      row[column] = row[column] + features[i] * weights[start + column]
    }
  }
}

/**
 * Sums over devices of two weight rows, the device's own for its choice and that of the choice's tally, for every combination
 * of the devices' choices, first device most significant.
 * @param weights [inputs, width]
 * @param base added to every sum [width]
 * @returns [choices^(last − first), width]
 */
function sumsOver(
  first: number,
  last: number,
  shape: NetworkShape,
  weights: Float32Array,
  base: Float32Array,
): Float32Array {
  const { choices } = shape
  const width = base.length
  let sums = base
  for (let device = first; device < last; device++) {
    const rows = sums.length / width
    const next = new Float32Array(rows * choices * width)
    for (let row = 0; row < rows; row++) {
      for (let choice = 0; choice < choices; choice++) {
        const target = (row * choices + choice) * width
        const source = (device * choices + choice) * width
        const tally = (firstTally(shape) + choice) * width
        for (let column = 0; column < width; column++) {
          next[target + column] =
            sums[row * width + column] + weights[source + column] + weights[tally + column]
        }
      }
    }
    sums = next
  }
  return sums
}
