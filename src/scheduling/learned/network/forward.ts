import { addProduct } from '../../../learning/nn/row-product.ts'
import { inputSize, type NetworkShape, type ParameterName, parameterViews } from './shape.ts'

/** What a node runs for every decision, and the oracle of training. Keeps its arrays: a decision allocates nothing. */
export class Forward {
  /** Of the last `run`. Shape [actions]. */
  readonly logits: Float64Array
  private readonly parameters: Record<ParameterName, Float64Array>
  private readonly active: Uint16Array
  private readonly gate: Float64Array
  private readonly candidate: Float64Array
  private readonly first: Float64Array
  private readonly second: Float64Array

  /** @param parameters see `parameterMatrices`; copied */
  constructor(shape: NetworkShape, parameters: ArrayLike<number>) {
    this.parameters = parameterViews(shape, Float64Array.from(parameters))
    this.active = new Uint16Array(Math.max(inputSize(shape), shape.recurrent, shape.hidden))
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
    const { parameters, active, gate, candidate, first, second, logits } = this
    const units = state.length
    if (units > 0) {
      gate.set(parameters.gateBias)
      addProduct(input, parameters.gateWeights, gate, active)
      addProduct(state, parameters.gateRecurrence, gate, active)
      candidate.set(parameters.candidateBias)
      addProduct(input, parameters.candidateWeights, candidate, active)
      addProduct(state, parameters.candidateRecurrence, candidate, active)
      for (let i = 0; i < units; i++) {
        const share = 1 / (1 + Math.exp(-gate[i]))
        const kept = state[i]
        state[i] = kept + share * (Math.tanh(candidate[i]) - kept)
      }
    }
    first.set(parameters.firstBias)
    addProduct(input, parameters.firstWeights, first, active)
    addProduct(state, parameters.firstRecurrence, first, active)
    rectify(first)
    second.set(parameters.secondBias)
    addProduct(first, parameters.secondWeights, second, active)
    rectify(second)
    logits.set(parameters.logitBias)
    addProduct(second, parameters.logitWeights, logits, active)
  }
}

function rectify(units: Float64Array): void {
  for (let i = 0; i < units.length; i++) if (units[i] < 0) units[i] = 0
}
