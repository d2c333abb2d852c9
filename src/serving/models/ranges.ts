/** Measures the range of every activation of a network, which INT8 quantisation needs. */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { runOnce } from '../backends/run-once.ts'
import { inputShape, type MobileNet } from './mobilenet.ts'
import { addFeatures, HALF_RANGE } from './mobilenet-graph.ts'

/** Largest value of every activation over the calibration pictures. */
export interface Ranges {
  /** After each layer's ReLU: values lie in [0, maximum]. */
  readonly layerMaxima: readonly number[]
  /** After global average pooling. */
  readonly featureMaximum: number
  /** Logits lie in [-maximum, maximum], in 8 bits; absent: they are kept in 32-bit floating point. */
  readonly logitMaximum?: number
}

/** Of a trained network on pictures that it is to serve. @param pixels [pictures, channels, size, size], 0–255 */
export async function measureRanges(network: MobileNet, pixels: Uint8Array): Promise<Ranges> {
  const pictureSize = inputShape(network).reduce((product, size) => product * size, 1)
  const shape = inputShape(network, pixels.length / pictureSize)
  const graph = new GraphBuilder('ranges')
  const image = graph.input('image', 'float32', shape)
  const features = addFeatures(graph, image, network, (values, index) =>
    addMaximum(graph, values, `maximum-${index}`),
  )
  addMaximum(graph, features, 'feature-maximum')
  const data = Float32Array.from(pixels, (pixel) => (pixel - HALF_RANGE) / HALF_RANGE)
  const outputs = await runOnce(graph.model(), { image: { data, shape } })
  return {
    layerMaxima: network.layers.map((_, index) => maximumIn(outputs, `maximum-${index}`)),
    featureMaximum: maximumIn(outputs, 'feature-maximum'),
  }
}

/** An output [] of the largest of some values. */
export function addMaximum(graph: GraphBuilder, values: string, output: string): void {
  graph.node('ReduceMax', [values], { keepdims: 0 }, { output })
  graph.output(output, 'float32', [])
}

/** @throws RangeError for an output that is not there */
export function maximumIn(outputs: Readonly<Record<string, Float32Array>>, name: string): number {
  const maximum = outputs[name]?.[0]
  if (maximum === undefined) throw new RangeError(`the statistics model gave no ${name}`)
  return maximum
}
