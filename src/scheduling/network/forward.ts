/** The network's forward pass in plain TypeScript: what a node runs for every decision, and the oracle of its training. */
import { inputSize, type NetworkShape, type ParameterName, parameterViews } from './shape.ts'

export class Forward {
  /** Of the last `run`. Shape [actions]. */
  readonly logits: Float64Array
  private readonly parameters: Record<ParameterName, Float64Array>
  private readonly inputs: number
  private readonly gate: Float64Array
  private readonly candidate: Float64Array
  private readonly first: Float64Array
  private readonly second: Float64Array

  /** @param parameters see `parameterMatrices`; copied */
  constructor(shape: NetworkShape, parameters: ArrayLike<number>) {
    this.parameters = parameterViews(shape, Float64Array.from(parameters))
    this.inputs = inputSize(shape)
    this.gate = new Float64Array(shape.recurrent)
    this.candidate = new Float64Array(shape.recurrent)
    this.first = new Float64Array(shape.hidden)
    this.second = new Float64Array(shape.hidden)
    this.logits = new Float64Array(shape.actions)
  }

  /**
   * Fills `logits`.
   * @param input shape [frames · features]
   * @param state of the recurrent units, updated. Shape [recurrent]
   */
  run(input: Float64Array, state: Float64Array): void {
    const { parameters, inputs, gate, candidate, first, second, logits } = this
    const units = state.length
    if (units > 0) {
      gate.set(parameters.gateBias)
      addProduct(input, inputs, parameters.gateWeights, gate)
      addProduct(state, units, parameters.gateRecurrence, gate)
      candidate.set(parameters.candidateBias)
      addProduct(input, inputs, parameters.candidateWeights, candidate)
      addProduct(state, units, parameters.candidateRecurrence, candidate)
      for (let i = 0; i < units; i++) {
        const share = 1 / (1 + Math.exp(-(gate[i] as number)))
        const kept = state[i] as number
        state[i] = kept + share * (Math.tanh(candidate[i] as number) - kept)
      }
    }
    first.set(parameters.firstBias)
    addProduct(input, inputs, parameters.firstWeights, first)
    addProduct(state, units, parameters.firstRecurrence, first)
    rectify(first)
    second.set(parameters.secondBias)
    addProduct(first, first.length, parameters.secondWeights, second)
    rectify(second)
    logits.set(parameters.logitBias)
    addProduct(second, second.length, parameters.logitWeights, logits)
  }
}

/** result += row · matrix; zeros in the row, of which there are many, cost nothing. */
function addProduct(
  row: Float64Array,
  rows: number,
  matrix: Float64Array,
  result: Float64Array,
): void {
  const columns = result.length
  for (let i = 0; i < rows; i++) {
    const x = row[i] as number
    if (x === 0) continue
    const start = i * columns
    for (let j = 0; j < columns; j++) {
      result[j] = (result[j] as number) + x * (matrix[start + j] as number)
    }
  }
}

function rectify(units: Float64Array): void {
  for (let i = 0; i < units.length; i++) if ((units[i] as number) < 0) units[i] = 0
}
