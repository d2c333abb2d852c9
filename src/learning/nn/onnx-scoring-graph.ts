/** The output of every joint decision as an ONNX graph over the partial sums of the factorised first layer. */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import type { NetworkShape } from './network.ts'

/**
 * Inputs: prefixHidden [prefixes, hidden], suffixHidden [suffixes, hidden], prefixSkip [prefixes, 1],
 * suffixSkip [suffixes, 1], outputWeights [hidden, 1]. Output: scores [prefixes, suffixes, 1].
 * One Scan step per prefix keeps its [suffixes, hidden] block in the processor's cache.
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

  const body = graph.body('prefix')
  const hiddenRow = body.input('hiddenRow', 'float32', [hidden])
  const skip = body.input('skip', 'float32', [1])
  const units = body.node('Relu', [body.node('Add', [suffixHidden, hiddenRow])]) // [suffixes, hidden]
  const linear = body.node('Add', [suffixSkip, skip]) // [suffixes, 1]
  const scores = body.node('Add', [body.node('MatMul', [units, outputWeights]), linear])
  body.output(scores, 'float32', [suffixes, 1])

  graph.nodes('Scan', [prefixHidden, prefixSkip], ['scores'], { body, num_scan_inputs: 2 })
  graph.output('scores', 'float32', [prefixes, suffixes, 1])
  return graph.model()
}
