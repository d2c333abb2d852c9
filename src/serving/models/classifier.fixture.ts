import { GraphBuilder } from '../../onnx/graph-builder.ts'

/** Of `classifierModel`. */
interface Options {
  /** [batch, channels, height, width] */
  readonly shape?: readonly number[]
  readonly classes?: number
  /** What its weights are stored in. */
  readonly precision?: 'FP32' | 'INT8'
}

/** A small ONNX classifier: `pixels` → means of the channels → a matrix of small whole numbers → `scores`. */
export function classifierModel({
  shape = [1, 3, 8, 8],
  classes = 3,
  precision = 'FP32',
}: Options = {}): Uint8Array {
  const [batch = 1, channels = 3] = shape
  const graph = new GraphBuilder('classifier')
  const pooled = graph.node('GlobalAveragePool', [graph.input('pixels', 'float32', shape)])
  const numbers = Array.from({ length: channels * classes }, (_, index) => (index % 5) - 2)
  const weights =
    precision === 'INT8'
      ? graph.node('Cast', [graph.constant([channels, classes], Int8Array.from(numbers))], {
          to: 1,
        })
      : graph.constant([channels, classes], Float32Array.from(numbers))
  const features = graph.node('Flatten', [pooled], { axis: 1 })
  graph.node('MatMul', [features, weights], {}, { output: 'scores' })
  graph.output('scores', 'float32', [batch, classes])
  return graph.model()
}
