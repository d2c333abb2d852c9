/** What ONNX Runtime does at best on one thread: a large matrix product, and the same scores by dense products. */
import type { NetworkShape } from '../src/learning/nn/network.ts'
import { encodeInput, inputSize, parameterViews } from '../src/learning/nn/network.ts'
import type { OnnxRuntime, Tensors } from '../src/learning/nn/onnx-runtime.ts'
import { GraphBuilder } from '../src/onnx/graph-builder.ts'
import { Random } from '../src/random.ts'

/** Rows and columns of the large product; twice as large is no faster. */
const SIZE = 1024

/** Floating-point operations of one run of `largeProduct`. */
export const LARGE_PRODUCT_FLOP = 2 * SIZE ** 3

/** A MatMul of two square matrices. @returns runs it once */
export function largeProduct(runtime: OnnxRuntime): () => void {
  const graph = new GraphBuilder('product')
  const square = ['left', 'right'].map((name) => graph.input(name, 'float32', [SIZE, SIZE]))
  graph.node('MatMul', square, {}, { output: 'product' })
  graph.output('product', 'float32', [SIZE, SIZE])
  const session = runtime.load(graph.model())
  const random = new Random(1)
  const tensor = () =>
    new runtime.Tensor(
      'float32',
      Float32Array.from({ length: SIZE ** 2 }, () => random.normal()),
      [SIZE, SIZE],
    )
  const feeds = { left: tensor(), right: tensor() }
  const fetches = { product: tensor() }
  return () => session.run(feeds, fetches)
}

/** Rows per Scan step of the dense graph: they stay in the cache. */
const BLOCK = 1000

/** Every joint decision as an input row, encoded beforehand, through the whole network: nothing is shared between rows. */
export function denseScoring(
  runtime: OnnxRuntime,
  shape: NetworkShape,
  parameters: Float32Array,
  features: Float32Array,
): () => Float32Array {
  const rows = shape.choices ** shape.devices
  const width = inputSize(shape)
  const inputs = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const decision = Array.from(
      { length: shape.devices },
      (_, device) =>
        Math.floor(row / shape.choices ** (shape.devices - 1 - device)) % shape.choices,
    )
    encodeInput(shape, features, decision, inputs, row)
  }
  const views = parameterViews(shape, parameters)
  const scores = new Float32Array(rows)
  const tensor = (data: Float32Array, dimensions: number[]) =>
    new runtime.Tensor('float32', data, dimensions)
  const feeds: Tensors = {
    inputs: tensor(inputs, [rows / BLOCK, BLOCK, width]),
    hiddenWeights: tensor(views.hiddenWeights, [width, shape.hidden]),
    hiddenBias: tensor(views.hiddenBias, [shape.hidden]),
    outputWeights: tensor(views.outputWeights, [shape.hidden, 1]),
    skipWeights: tensor(views.skipWeights, [width, 1]),
    outputBias: tensor(views.outputBias, [1]),
  }
  const fetches: Tensors = { scores: tensor(scores, [rows / BLOCK, BLOCK, 1]) }
  const session = runtime.load(denseGraph(feeds, rows / BLOCK, width))
  return () => {
    session.run(feeds, fetches)
    return scores
  }
}

/** Floating-point operations of the matrix products of one row. */
export function denseFlop(shape: NetworkShape): number {
  return 2 * (inputSize(shape) * (shape.hidden + 1) + shape.hidden)
}

/** Inputs as in `feeds`; output: scores [blocks, BLOCK, 1]. */
function denseGraph(feeds: Tensors, blocks: number, width: number): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('dense')
  for (const [name, { dims }] of Object.entries(feeds)) graph.input(name, 'float32', dims)
  const body = graph.body('block')
  const x = body.input('x', 'float32', [BLOCK, width])
  const units = body.node('Relu', [body.node('Gemm', [x, 'hiddenWeights', 'hiddenBias'])])
  const linear = body.node('Gemm', [x, 'skipWeights', 'outputBias'])
  body.output(body.node('Gemm', [units, 'outputWeights', linear]), 'float32', [BLOCK, 1])
  graph.nodes('Scan', ['inputs'], ['scores'], { body, num_scan_inputs: 1 })
  graph.output('scores', 'float32', [blocks, BLOCK, 1])
  return graph.model()
}
