/**
 * The network of a learned policy: [gated recurrent units →] two ReLU layers → one logit per action. All parameters lie in
 * one flat array, so that optimiser, file and checks see a single vector.
 */
import type { Random } from '../../../random.ts'

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

interface Matrix {
  readonly rows: number
  readonly columns: number
}

export type ParameterName =
  | 'gateWeights'
  | 'gateRecurrence'
  | 'gateBias'
  | 'candidateWeights'
  | 'candidateRecurrence'
  | 'candidateBias'
  | 'firstWeights'
  | 'firstRecurrence'
  | 'firstBias'
  | 'secondWeights'
  | 'secondBias'
  | 'logitWeights'
  | 'logitBias'

export function inputSize({ features, frames }: NetworkShape): number {
  return features * frames
}

/**
 * In the order of the flat array. A bias is one row; without recurrent units the matrices of these are empty.
 *
 *   gate = σ(x · gateWeights + s · gateRecurrence + gateBias)
 *   candidate = tanh(x · candidateWeights + s · candidateRecurrence + candidateBias)
 *   s ← s + gate ∘ (candidate − s)                    the minimal gated unit with one gate
 *   first = relu(x · firstWeights + s · firstRecurrence + firstBias), and so on
 */
export function parameterMatrices(shape: NetworkShape): Readonly<Record<ParameterName, Matrix>> {
  const { recurrent, hidden, actions } = shape
  const inputs = recurrent === 0 ? 0 : inputSize(shape)
  return {
    gateWeights: { rows: inputs, columns: recurrent },
    gateRecurrence: { rows: recurrent, columns: recurrent },
    gateBias: { rows: 1, columns: recurrent },
    candidateWeights: { rows: inputs, columns: recurrent },
    candidateRecurrence: { rows: recurrent, columns: recurrent },
    candidateBias: { rows: 1, columns: recurrent },
    firstWeights: { rows: inputSize(shape), columns: hidden },
    firstRecurrence: { rows: recurrent, columns: hidden },
    firstBias: { rows: 1, columns: hidden },
    secondWeights: { rows: hidden, columns: hidden },
    secondBias: { rows: 1, columns: hidden },
    logitWeights: { rows: hidden, columns: actions },
    logitBias: { rows: 1, columns: actions },
  }
}

export const PARAMETER_NAMES: readonly ParameterName[] = Object.keys(
  parameterMatrices({ features: 1, frames: 1, recurrent: 1, hidden: 1, actions: 1 }),
) as ParameterName[]

export function parameterCount(shape: NetworkShape): number {
  return Object.values(parameterMatrices(shape)).reduce((sum, m) => sum + m.rows * m.columns, 0)
}

/** Named windows into one flat parameter array, row-major. */
export function parameterViews<Vector extends Float32Array | Float64Array>(
  shape: NetworkShape,
  parameters: Vector,
): Record<ParameterName, Vector> {
  const matrices = parameterMatrices(shape)
  let end = 0
  const entries = PARAMETER_NAMES.map((name) => {
    const start = end
    end += matrices[name].rows * matrices[name].columns
    return [name, parameters.subarray(start, end)]
  })
  return Object.fromEntries(entries) as Record<ParameterName, Vector>
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
  const matrices = parameterMatrices(shape)
  for (const name of PARAMETER_NAMES) {
    if (name.endsWith('Bias')) continue
    const isReluInput = name.startsWith('first') || name.startsWith('second')
    const gain = name === 'logitWeights' ? outputScale : Math.sqrt(isReluInput ? 2 : 1)
    const scale = gain / Math.sqrt(matrices[name].rows)
    for (let i = 0; i < views[name].length; i++) views[name][i] = scale * random.normal()
  }
  views.gateBias.fill(GATE_BIAS)
  return parameters
}
