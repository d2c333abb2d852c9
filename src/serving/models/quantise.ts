/**
 * A network of MobileNetV1's blocks as an INT8 ONNX graph: unsigned 8-bit activations with calibrated ranges, signed 8-bit weights with one scale per
 * output channel, 32-bit biases. Written with QLinearConv, which ONNX Runtime runs fastest on processors.
 */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import {
  classCount,
  featureCount,
  inputShape,
  type Layer,
  type LayerWeights,
  type MobileNet,
} from './mobilenet.ts'
import {
  addProbabilities,
  convolutionAttributes,
  HALF_RANGE,
  INPUT_NAME,
  kernelShape,
  missingWeights,
} from './mobilenet-graph.ts'
import type { Ranges } from './ranges.ts'

/** real = scale · (quantised − zeroPoint) */
interface Quantisation {
  readonly scale: number
  readonly zeroPoint: number
}

/** A quantised value in the graph. */
interface QuantisedValue {
  readonly scale: number
  /** Of the value, its scale and its zero point: three inputs of the nodes that take it. */
  readonly names: readonly [value: string, scale: string, zeroPoint: string]
}

/** A pixel is a quantised value as it is: p stands for (p - 128) / 127.5, half a step from the floating-point model's. */
const IMAGE: Quantisation = { scale: 1 / HALF_RANGE, zeroPoint: 128 }

/** Bytes of the model: the same input and output as the floating-point one. */
export function quantisedModel(network: MobileNet, ranges: Ranges): Uint8Array {
  const { layers, weights } = network
  const { layerMaxima, featureMaximum, logitMaximum } = ranges
  const graph = new GraphBuilder('mobilenet-int8')
  let value = addImage(graph, network)
  layers.forEach((layer, index) => {
    const output = afterRelu(layerMaxima[index] ?? missingWeights(index))
    value = addConvolution(graph, value, layer, weights[index] ?? missingWeights(index), output)
  })
  value = addPooling(graph, value, afterRelu(featureMaximum))
  const logits = addClassifier(
    graph,
    value,
    network,
    logitMaximum === undefined ? undefined : { scale: logitMaximum / 127, zeroPoint: 128 },
  )
  addProbabilities(graph, logits, network)
  return graph.model()
}

/** ReLU costs nothing here: with zero point 0 negative values saturate at 0. */
function afterRelu(maximum: number): Quantisation {
  return { scale: maximum / 255, zeroPoint: 0 }
}

function addImage(graph: GraphBuilder, network: MobileNet): QuantisedValue {
  const name = graph.input(INPUT_NAME, 'uint8', inputShape(network))
  return { scale: IMAGE.scale, names: [name, ...addQuantisation(graph, IMAGE)] }
}

function addConvolution(
  graph: GraphBuilder,
  input: QuantisedValue,
  layer: Layer,
  { kernel, bias }: LayerWeights,
  output: Quantisation,
): QuantisedValue {
  const { quantised, scales } = quantisePerChannel(kernel, layer.outputChannels)
  const channels = [layer.outputChannels]
  const biases = quantisedBias(bias, (channel) => input.scale * (scales[channel] ?? 1))
  const quantisation = addQuantisation(graph, output)
  const name = graph.node(
    'QLinearConv',
    [
      ...input.names,
      graph.constant(kernelShape(layer), quantised),
      graph.constant(channels, scales),
      graph.constant(channels, new Int8Array(layer.outputChannels)),
      ...quantisation,
      graph.constant(channels, biases),
    ],
    convolutionAttributes(layer),
  )
  return { scale: output.scale, names: [name, ...quantisation] }
}

function addPooling(
  graph: GraphBuilder,
  { names }: QuantisedValue,
  output: Quantisation,
): QuantisedValue {
  const quantisation = addQuantisation(graph, output)
  const average = graph.node(
    'QLinearGlobalAveragePool',
    [...names, ...quantisation],
    { channels_last: 0 },
    { domain: 'com.microsoft' },
  )
  const flat = graph.node('Flatten', [average], { axis: 1 })
  return { scale: output.scale, names: [flat, ...quantisation] }
}

/**
 * @param output of logits in 8 bits; undefined: the product stays in floating point
 * @returns the logits in floating point, [1, classes]
 */
function addClassifier(
  graph: GraphBuilder,
  { names, scale }: QuantisedValue,
  network: MobileNet,
  output: Quantisation | undefined,
): string {
  const { classifier, classifierBias, layers } = network
  const classes = classCount(network)
  const { quantised, scales } = quantisePerChannel(classifier, 1)
  const quantisation = output && addQuantisation(graph, output)
  const product = graph.node(
    'QGemm',
    [
      ...names,
      graph.constant([featureCount(layers), classes], quantised),
      graph.constant([], scales),
      graph.constant([], new Int8Array(1)),
      classifierBias
        ? graph.constant(
            [classes],
            quantisedBias(classifierBias, () => scale * (scales[0] ?? 1)),
          )
        : '',
      ...(quantisation ?? []),
    ],
    {},
    { domain: 'com.microsoft' },
  )
  return quantisation ? graph.node('DequantizeLinear', [product, ...quantisation]) : product
}

/** In 32 bits, in steps of input scale × weight scale. */
function quantisedBias(bias: Float32Array, step: (channel: number) => number): Int32Array {
  return Int32Array.from(bias, (value, channel) => Math.round(value / step(channel)))
}

/** @returns names of scale and zero point */
function addQuantisation(graph: GraphBuilder, { scale, zeroPoint }: Quantisation) {
  return [graph.scalar(scale), graph.constant([], Uint8Array.of(zeroPoint))] as const
}

/**
 * Symmetric signed 8-bit weights: in each channel the largest magnitude becomes 127.
 * @param weights [channels, …] row-major
 */
export function quantisePerChannel(
  weights: Float32Array,
  channels: number,
): { quantised: Int8Array; scales: Float32Array } {
  const perChannel = weights.length / channels
  const scales = Float32Array.from({ length: channels }, (_, channel) => {
    const part = weights.subarray(channel * perChannel, (channel + 1) * perChannel)
    const largest = part.reduce((maximum, weight) => Math.max(maximum, Math.abs(weight)), 0)
    return largest > 0 ? largest / 127 : 1
  })
  const quantised = Int8Array.from(weights, (weight, index) =>
    Math.round(weight / (scales[Math.floor(index / perChannel)] ?? 1)),
  )
  return { quantised, scales }
}
