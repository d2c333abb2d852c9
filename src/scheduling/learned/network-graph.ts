/** A network over whole sequences of decisions, on a tape. */
import type { Tape } from '../../learning/nn/tape.ts'
import type { Graph } from '../../onnx/graph-builder.ts'
import type { NetworkShape, ParameterName } from './network/shape.ts'

/** The names of the network's parts; those of empty ones are missing and never asked for. */
type Parameters = Readonly<Record<ParameterName, string>>

/**
 * @param steps decisions of each sequence
 * @param inputs of each step. Shapes [sequences, frames · features]
 * @param state of the recurrent units before the first step. Shape [sequences, recurrent]
 * @returns logits of each step. Shapes [sequences, actions]
 */
export function logitsOf(
  tape: Tape,
  shape: NetworkShape,
  parameters: Parameters,
  inputs: readonly string[],
  state: string,
): string[] {
  let remembered = state
  return inputs.map((input) => {
    let first = tape.matMul(input, parameters.firstWeights)
    if (shape.recurrent > 0) {
      remembered = nextState(tape, parameters, input, remembered)
      first = tape.add(first, tape.matMul(remembered, parameters.firstRecurrence))
    }
    const firstUnits = tape.relu(tape.addRow(first, parameters.firstBias))
    const second = tape.matMul(firstUnits, parameters.secondWeights)
    const secondUnits = tape.relu(tape.addRow(second, parameters.secondBias))
    return tape.addRow(tape.matMul(secondUnits, parameters.logitWeights), parameters.logitBias)
  })
}

function nextState(tape: Tape, parameters: Parameters, input: string, state: string): string {
  const sum = (weights: string, recurrence: string, bias: string) =>
    tape.addRow(tape.add(tape.matMul(input, weights), tape.matMul(state, recurrence)), bias)
  const { gateWeights, gateRecurrence, gateBias } = parameters
  const gate = tape.sigmoid(sum(gateWeights, gateRecurrence, gateBias))
  const { candidateWeights, candidateRecurrence, candidateBias } = parameters
  const candidate = tape.tanh(sum(candidateWeights, candidateRecurrence, candidateBias))
  return tape.add(state, tape.multiply(gate, tape.subtract(candidate, state)))
}

/** Rows of all steps under each other [steps · sequences, columns], as the inputs of each step. */
export function splitSteps(graph: Graph, rows: string, steps: number, sequences: number): string[] {
  if (steps === 1) return [rows]
  const sizes = graph.integers(new Array(steps).fill(sequences))
  return graph.nodes('Split', [rows, sizes], steps, { axis: 0 })
}
