/** The output of every joint decision as an ONNX graph, by the partial sums of the factorised first layer. */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { firstTally, inputSize, type NetworkShape } from './network.ts'
import { prefixDevices } from './partial-sums.ts'

/**
 * Inputs: stateHidden [1, hidden] and stateSkip [1, 1] of `stateSums`; hiddenWeights [inputs, hidden],
 * skipWeights [inputs, 1], outputWeights [hidden, 1]. Output: scores [prefixes, 1, suffixes].
 * One Scan step per prefix keeps its [hidden, suffixes] block in the processor's cache; a row vector times that block is
 * ONNX Runtime's fast case (measured 1.7 times as fast as the block times a column vector).
 */
export function scoringGraph(shape: NetworkShape): Uint8Array<ArrayBuffer> {
  const { hidden, choices, devices } = shape
  const split = prefixDevices(shape)
  const [prefixes, suffixes] = [choices ** split, choices ** (devices - split)]
  const graph = new GraphBuilder('scoring')
  const stateHidden = graph.input('stateHidden', 'float32', [1, hidden])
  const stateSkip = graph.input('stateSkip', 'float32', [1, 1])
  const hiddenWeights = graph.input('hiddenWeights', 'float32', [inputSize(shape), hidden])
  const skipWeights = graph.input('skipWeights', 'float32', [inputSize(shape), 1])
  const outputWeights = graph.input('outputWeights', 'float32', [hidden, 1])
  const prefixHidden = sumsOver(graph, shape, hiddenWeights, 0, split, [stateHidden])
  const prefixSkip = sumsOver(graph, shape, skipWeights, 0, split, [stateSkip])
  const suffixHidden = sumsOver(graph, shape, hiddenWeights, split, devices)
  const suffixSkip = sumsOver(graph, shape, skipWeights, split, devices)
  const transposed = (matrix: string) => graph.node('Transpose', [matrix], { perm: [1, 0] })
  const prefixColumns = graph.node('Unsqueeze', [prefixHidden, graph.integers([2])])
  const suffixColumns = transposed(suffixHidden) // [hidden, suffixes]
  const suffixRow = transposed(suffixSkip) // [1, suffixes]
  const weightsRow = transposed(outputWeights) // [1, hidden]

  const body = graph.body('prefix')
  const column = body.input('column', 'float32', [hidden, 1])
  const skip = body.input('skip', 'float32', [1])
  const units = body.node('Relu', [body.node('Add', [suffixColumns, column])]) // [hidden, suffixes]
  const linear = body.node('Add', [suffixRow, skip]) // [1, suffixes]
  const scores = body.node('Add', [body.node('MatMul', [weightsRow, units]), linear])
  body.output(scores, 'float32', [1, suffixes])

  graph.nodes('Scan', [prefixColumns, prefixSkip], ['scores'], { body, num_scan_inputs: 2 })
  graph.output('scores', 'float32', [prefixes, 1, suffixes])
  return graph.model()
}

/**
 * As `partialSums` does: two weight rows per device, its own and its choice's tally's, summed for every combination of the
 * devices' choices.
 * @param weights [inputs, width]
 * @param base if any, one row added to every sum [1, width]
 * @returns [choices^(last − first), width]
 */
function sumsOver(
  graph: GraphBuilder,
  shape: NetworkShape,
  weights: string,
  first: number,
  last: number,
  base: readonly string[] = [],
): string {
  const { choices } = shape
  const rowsFrom = (start: number) =>
    graph.node('Slice', [
      weights,
      graph.integers([start]),
      graph.integers([start + choices]),
      graph.integers([0]),
    ]) // [choices, width]
  const tallies = rowsFrom(firstTally(shape))
  const rows = Array.from({ length: last - first }, (_, i) =>
    graph.node('Add', [rowsFrom((first + i) * choices), tallies]),
  )
  return [...base, ...rows].reduce((sums, table) => {
    const column = graph.node('Unsqueeze', [sums, graph.integers([1])]) // [sums, 1, width]
    return graph.node('Flatten', [graph.node('Add', [column, table])], { axis: 2 })
  })
}
