/** The output of every joint decision as an ONNX graph over the partial sums of the factorised first layer. */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import type { NetworkShape } from './network.ts'

/**
 * Inputs: prefixHidden [prefixes, hidden], suffixHidden [suffixes, hidden], prefixSkip [prefixes, 1],
 * suffixSkip [suffixes, 1], outputWeights [hidden, 1]. Output: scores [prefixes, 1, suffixes].
 * One Scan step per prefix keeps its [hidden, suffixes] block in the processor's cache; a row vector times that block is
 * ONNX Runtime's fast case (measured 1.7 times as fast as the block times a column vector).
 */
export function scoringGraph(
  { hidden }: NetworkShape,
  prefixes: number,
  suffixes: number,
): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('scoring')
  const prefixHidden = graph.input('prefixHidden', 'float32', [prefixes, hidden])
  const suffixHidden = graph.input('suffixHidden', 'float32', [suffixes, hidden])
  const prefixSkip = graph.input('prefixSkip', 'float32', [prefixes, 1])
  const suffixSkip = graph.input('suffixSkip', 'float32', [suffixes, 1])
  const outputWeights = graph.input('outputWeights', 'float32', [hidden, 1])
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
