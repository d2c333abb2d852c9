/** A network over whole sequences of decisions, as an ONNX graph with its gradient. */
import type { GraphBuilder } from '../../onnx/graph-builder.ts'
import {
  type NetworkShape,
  PARAMETER_NAMES,
  type ParameterName,
  parameterMatrices,
} from './network/shape.ts'
import type { Tape } from './tape.ts'

/** Names of values; those of empty matrices are missing and never asked for. */
type Parameters = Readonly<Record<ParameterName, string>>

/** The matrices of the flat vector `parameters` [parameterCount]. */
export function parametersOf(
  graph: GraphBuilder,
  shape: NetworkShape,
  parameters: string,
): Parameters {
  const matrices = Object.entries(parameterMatrices(shape)).filter(
    ([, m]) => m.rows * m.columns > 0,
  )
  const sizes = graph.integers(matrices.map(([, { rows, columns }]) => rows * columns))
  const parts = graph.nodes('Split', [parameters, sizes], matrices.length, { axis: 0 })
  const named = matrices.map(([name, { rows, columns }], index) => {
    return [name, graph.node('Reshape', [parts[index], graph.integers([rows, columns])])]
  })
  return Object.fromEntries(named)
}

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

/** The flat gradient [parameterCount]; 0 for parameters that the loss does not depend on. */
export function flatGradient(
  graph: GraphBuilder,
  shape: NetworkShape,
  parameters: Parameters,
  gradients: ReadonlyMap<string, string>,
): string {
  const matrices = parameterMatrices(shape)
  const parts = PARAMETER_NAMES.flatMap((name) => {
    const size = matrices[name].rows * matrices[name].columns
    if (size === 0) return []
    const gradient = gradients.get(parameters[name])
    if (gradient === undefined) return [graph.constant([size], new Float32Array(size))]
    return [graph.node('Reshape', [gradient, graph.integers([size])])]
  })
  return graph.node('Concat', parts, { axis: 0 })
}

/** Rows of all steps under each other [steps · sequences, columns], as the inputs of each step. */
export function splitSteps(
  graph: GraphBuilder,
  rows: string,
  steps: number,
  sequences: number,
): string[] {
  if (steps === 1) return [rows]
  const sizes = graph.integers(new Array(steps).fill(sequences))
  return graph.nodes('Split', [rows, sizes], steps, { axis: 0 })
}
