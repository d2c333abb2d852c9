/** A network of MobileNetV1's blocks as a 32-bit floating-point ONNX graph. */
import { type Attributes, GraphBuilder } from '../../onnx/graph-builder.ts'
import { classCount, featureCount, inputShape, type Layer, type MobileNet } from './mobilenet.ts'

/** Of all models built here. */
export const INPUT_NAME = 'input'
/** Of all models built here. */
export const OUTPUT_NAME = 'probabilities'
/** Code of 32-bit floats in ONNX's `TensorProto.DataType`. */
const FLOAT = 1

/** Half the range of a pixel, 0–255: with it pixels become values in [-1, 1]. */
export const HALF_RANGE = 127.5

/** Bytes of the model: pixels `input` [1, channels, size, size], 0–255 → `probabilities` [1, classes]. */
export function floatModel(network: MobileNet): Uint8Array {
  const graph = new GraphBuilder('mobilenet-fp32')
  const input = graph.input(INPUT_NAME, 'uint8', inputShape(network))
  const pixels = graph.node('Cast', [input], { to: FLOAT })
  const centred = graph.node('Sub', [pixels, graph.scalar(HALF_RANGE)])
  const image = graph.node('Mul', [centred, graph.scalar(1 / HALF_RANGE)])
  addProbabilities(graph, addLogits(graph, addFeatures(graph, image, network), network), network)
  return graph.model()
}

/**
 * All layers, with their biases.
 * @param image [batch, channels, size, size] in [-1, 1]
 * @param onLayer told the values after each layer's ReLU
 * @returns [batch, features]
 */
export function addFeatures(
  graph: GraphBuilder,
  image: string,
  { layers, weights }: MobileNet,
  onLayer: (values: string, index: number) => void = () => {},
): string {
  let value = image
  layers.forEach((layer, index) => {
    const { kernel, bias } = weights[index] ?? missingWeights(index)
    const kernelName = graph.constant(kernelShape(layer), kernel)
    const biasName = graph.constant([layer.outputChannels], bias)
    value = graph.node('Conv', [value, kernelName, biasName], convolutionAttributes(layer))
    value = graph.node('Relu', [value])
    onLayer(value, index)
  })
  return graph.node('Flatten', [graph.node('GlobalAveragePool', [value])], { axis: 1 })
}

function addLogits(graph: GraphBuilder, features: string, network: MobileNet): string {
  const { layers, classifier, classifierBias } = network
  const classes = classCount(network)
  const classifierName = graph.constant([featureCount(layers), classes], classifier)
  const product = graph.node('MatMul', [features, classifierName])
  return classifierBias
    ? graph.node('Add', [product, graph.constant([classes], classifierBias)])
    : product
}

/** Ends a graph: logits [1, classes] → the output `probabilities`. */
export function addProbabilities(graph: GraphBuilder, logits: string, network: MobileNet): void {
  graph.node('Softmax', [logits], { axis: 1 }, { output: OUTPUT_NAME })
  graph.output(OUTPUT_NAME, 'float32', [1, classCount(network)])
}

/** [output channels, input channels / groups, kernel, kernel] */
export function kernelShape({ outputChannels, inputChannels, groups, kernel }: Layer): number[] {
  return [outputChannels, inputChannels / groups, kernel, kernel]
}

/** Attributes of Conv and QLinearConv. At stride 2 and an even size, TensorFlow's SAME pads the far sides only. */
export function convolutionAttributes({ kernel, stride, groups, padsAllSides }: Layer): Attributes {
  const near = kernel === 3 && (stride === 1 || padsAllSides) ? 1 : 0
  const far = kernel === 3 ? 1 : 0
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [near, near, far, far],
    group: groups,
  }
}

/** @throws RangeError for a network with fewer weights than layers */
export function missingWeights(index: number): never {
  throw new RangeError(`layer ${index} has no weights`)
}
