/**
 * The shape of the "wide and deep" network that both Q(s, a; θ_Q) and System(s, a; θ_s) are (HL paper, section III):
 * one-hot joint action and state features → hidden ReLU layer → outputs, plus a linear path from inputs to outputs.
 * All parameters lie in one flat array, so that optimiser, averaging and checkpoints see a single vector.
 */
import type { Random } from '../../random.ts'
import type { Problem } from '../environment/environment.ts'
import { lengthOf, viewsOf } from './parameter-layout.ts'

/** All sizes of a network. */
export interface NetworkShape {
  readonly devices: number
  /** Choices per device; a joint decision is one of choices^devices. */
  readonly choices: number
  /** Number of state features. */
  readonly stateSize: number
  /** Units of the ReLU layer. */
  readonly hidden: number
  readonly outputs: number
}

/** Of a network that knows the problem's state and decisions. @param hidden units. @param outputs how many */
export function networkShape(problem: Problem, hidden: number, outputs: number): NetworkShape {
  const { devices, choices, stateSize } = problem
  return { devices, choices: choices.length, stateSize, hidden, outputs }
}

/**
 * Length of one input row: a one-hot choice per device, the state features, then how many devices take each choice. The last
 * are sums of the first, so they tell nothing new, but what is learned by their weights holds for every device at once.
 */
export function inputSize(shape: NetworkShape): number {
  return firstTally(shape) + shape.choices
}

/** Index of the first of the numbers of devices that take each choice. */
export function firstTally({ devices, choices, stateSize }: NetworkShape): number {
  return devices * choices + stateSize
}

/** The parts of the flat vector of parameters. */
export function parameterLayout(shape: NetworkShape) {
  const inputs = inputSize(shape)
  const { hidden, outputs } = shape
  return {
    hiddenWeights: [inputs, hidden],
    hiddenBias: [hidden],
    outputWeights: [hidden, outputs],
    /** The linear path. */
    skipWeights: [inputs, outputs],
    outputBias: [outputs],
  }
}

/** Windows into a flat vector, by the names of `parameterLayout`. */
export type ParameterViews = Readonly<
  Record<keyof ReturnType<typeof parameterLayout>, Float32Array>
>

/** Length of the flat vector. */
export function parameterCount(shape: NetworkShape): number {
  return lengthOf(parameterLayout(shape))
}

/** Windows into the flat vector, of the dimensions of `parameterLayout`. */
export function parameterViews(shape: NetworkShape, parameters: Float32Array): ParameterViews {
  return viewsOf(parameterLayout(shape), parameters)
}

/**
 * Seeded initial parameters: He initialisation over the inputs that are active at once (one per device, and the state),
 * a linear path of zero, and every output equal to `outputBias` on average.
 */
export function initialParameters(
  shape: NetworkShape,
  random: Random,
  outputBias: number,
): Float32Array {
  const parameters = new Float32Array(parameterCount(shape))
  const views = parameterViews(shape, parameters)
  const hiddenScale = Math.sqrt(2 / inputSize(shape))
  for (let i = 0; i < views.hiddenWeights.length; i++) {
    views.hiddenWeights[i] = hiddenScale * random.normal()
  }
  const outputScale = Math.sqrt(1 / shape.hidden)
  for (let i = 0; i < views.outputWeights.length; i++) {
    views.outputWeights[i] = outputScale * random.normal()
  }
  views.outputBias.fill(outputBias)
  return parameters
}

/** Writes the input row of (state, decision) at `row` of `inputs` [rows, inputSize], which must hold zeros there. */
export function encodeInput(
  shape: NetworkShape,
  features: Float32Array,
  decision: readonly number[],
  inputs: Float32Array,
  row: number,
): void {
  const { devices, choices } = shape
  const start = row * inputSize(shape)
  const tallies = start + firstTally(shape)
  for (let device = 0; device < devices; device++) {
    const choice = decision[device] ?? 0
    inputs[start + device * choices + choice] = 1
    inputs[tallies + choice] = inputs[tallies + choice] + 1
  }
  inputs.set(features, start + devices * choices)
}

/**
 * Outputs of one input row, in plain TypeScript.
 * @param input [inputSize]
 * @param hiddenUnits if given, receives the activations. [hidden]
 * @returns [outputs]
 */
export function forward(
  shape: NetworkShape,
  views: ParameterViews,
  input: Float32Array,
  hiddenUnits = new Float32Array(shape.hidden),
): Float32Array {
  const { hidden, outputs } = shape
  hiddenUnits.set(views.hiddenBias)
  const result = views.outputBias.slice()
  for (let i = 0; i < input.length; i++) {
    const x = input[i]
    if (x === 0) continue
    for (let h = 0; h < hidden; h++) {
      hiddenUnits[h] = hiddenUnits[h] + x * views.hiddenWeights[i * hidden + h]
    }
    for (let o = 0; o < outputs; o++) {
      result[o] = result[o] + x * views.skipWeights[i * outputs + o]
    }
  }
  for (let h = 0; h < hidden; h++) {
    const unit = Math.max(0, hiddenUnits[h])
    hiddenUnits[h] = unit
    for (let o = 0; o < outputs; o++) {
      result[o] = result[o] + unit * views.outputWeights[h * outputs + o]
    }
  }
  return result
}
