/**
 * The network of a learned policy: [gated recurrent units →] two ReLU layers → one logit per action. All parameters lie in
 * one flat array, so that optimiser, file and checks see a single vector.
 */
import { lengthOf, namesOf, viewsOf } from '../../../learning/nn/parameter-layout.ts'
import type { Random } from '../../../random.ts'

/** All sizes of a network. */
export interface NetworkShape {
  /** Length of one feature vector. */
  readonly features: number
  /** Feature vectors of the last decisions that are seen at once, the newest first; 1: the present alone. */
  readonly frames: number
  /** Recurrent units; 0: none. */
  readonly recurrent: number
  /** Units of each ReLU layer. */
  readonly hidden: number
  readonly actions: number
}

/** Length of one input. */
export function inputSize({ features, frames }: NetworkShape): number {
  return features * frames
}

/**
 * The parts of the flat vector of parameters; without recurrent units theirs are empty.
 *
 *   gate = σ(x · gateWeights + s · gateRecurrence + gateBias)
 *   candidate = tanh(x · candidateWeights + s · candidateRecurrence + candidateBias)
 *   s ← s + gate ∘ (candidate − s)                    the minimal gated unit with one gate
 *   first = relu(x · firstWeights + s · firstRecurrence + firstBias), and so on
 */
export function parameterLayout(shape: NetworkShape) {
  const { recurrent, hidden, actions } = shape
  const inputs = inputSize(shape)
  return {
    gateWeights: [recurrent === 0 ? 0 : inputs, recurrent],
    gateRecurrence: [recurrent, recurrent],
    gateBias: [recurrent],
    candidateWeights: [recurrent === 0 ? 0 : inputs, recurrent],
    candidateRecurrence: [recurrent, recurrent],
    candidateBias: [recurrent],
    firstWeights: [inputs, hidden],
    firstRecurrence: [recurrent, hidden],
    firstBias: [hidden],
    secondWeights: [hidden, hidden],
    secondBias: [hidden],
    logitWeights: [hidden, actions],
    logitBias: [actions],
  }
}

/** A part of the flat vector. */
export type ParameterName = keyof ReturnType<typeof parameterLayout>

/** Length of the flat vector. */
export function parameterCount(shape: NetworkShape): number {
  return lengthOf(parameterLayout(shape))
}

/** Windows into the flat vector, of the dimensions of `parameterLayout`. */
export function parameterViews<Vector extends Float32Array | Float64Array>(
  shape: NetworkShape,
  parameters: Vector,
): Record<ParameterName, Vector> {
  return viewsOf(parameterLayout(shape), parameters)
}

/** Outputs start near 0, so that a prior decides at first; gates start mostly shut, so that memory is long. */
const OUTPUT_SCALE = 0.01
const GATE_BIAS = -1

/** Seeded: He initialisation of what leads to ReLU, 1/√n of the rest. */
export function initialParameters(
  shape: NetworkShape,
  random: Random,
  outputScale = OUTPUT_SCALE,
): Float32Array {
  const parameters = new Float32Array(parameterCount(shape))
  const views = parameterViews(shape, parameters)
  const layout = parameterLayout(shape)
  for (const name of namesOf(layout)) {
    if (name.endsWith('Bias')) continue
    const [inputs] = layout[name]
    const isReluInput = name.startsWith('first') || name.startsWith('second')
    const gain = name === 'logitWeights' ? outputScale : Math.sqrt(isReluInput ? 2 : 1)
    const scale = gain / Math.sqrt(inputs)
    for (let i = 0; i < views[name].length; i++) views[name][i] = scale * random.normal()
  }
  views.gateBias.fill(GATE_BIAS)
  return parameters
}
