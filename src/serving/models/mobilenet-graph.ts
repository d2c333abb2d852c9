/** MobileNetV1 as a 32-bit floating-point ONNX graph. */
import { type Attributes, GraphBuilder } from '../../onnx/graph-builder.ts'
import { CLASSES, featureCount, IMAGE_SIZE, type Layer, type MobileNet } from './mobilenet.ts'

/** Of all models built here. */
export const INPUT_NAME = 'input'
/** Of all models built here. */
export const OUTPUT_NAME = 'probabilities'
/** Batch, channels, height, width. */
export const INPUT_SHAPE = [1, 3, IMAGE_SIZE, IMAGE_SIZE] as const
/** Code of 32-bit floats in ONNX's `TensorProto.DataType`. */
const FLOAT = 1
/** Batch, classes. */
export const OUTPUT_SHAPE = [1, CLASSES] as const

/** Half the range of a pixel, 0–255: with it pixels become values in [-1, 1]. */
export const HALF_RANGE = 127.5

/** Bytes of the model: pixels `input` [1, 3, 224, 224], 0–255 → `probabilities` [1, 1000]. */
export function floatModel({ layers, weights, classifier }: MobileNet): Uint8Array {
  const graph = new GraphBuilder('mobilenet-fp32')
  const pixels = graph.node('Cast', [graph.input(INPUT_NAME, 'uint8', INPUT_SHAPE)], { to: FLOAT })
  const centred = graph.node('Sub', [pixels, graph.scalar(HALF_RANGE)])
  let value = graph.node('Mul', [centred, graph.scalar(1 / HALF_RANGE)])
  layers.forEach((layer, index) => {
    const { kernel, bias } = weights[index] ?? missingWeights(index)
    const kernelName = graph.constant(kernelShape(layer), kernel)
    const biasName = graph.constant([layer.outputChannels], bias)
    value = graph.node('Conv', [value, kernelName, biasName], convolutionAttributes(layer))
    value = graph.node('Relu', [value])
  })
  value = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])], { axis: 1 })
  const classifierName = graph.constant([featureCount(layers), CLASSES], classifier)
  addProbabilities(graph, graph.node('MatMul', [value, classifierName]))
  return graph.model()
}

/** Ends a graph: logits [1, 1000] → the output `probabilities`. */
export function addProbabilities(graph: GraphBuilder, logits: string): void {
  graph.node('Softmax', [logits], { axis: 1 }, { output: OUTPUT_NAME })
  graph.output(OUTPUT_NAME, 'float32', OUTPUT_SHAPE)
}

/** [output channels, input channels / groups, kernel, kernel] */
export function kernelShape({ outputChannels, inputChannels, groups, kernel }: Layer): number[] {
  return [outputChannels, inputChannels / groups, kernel, kernel]
}

/** Attributes of Conv and QLinearConv. At stride 2 and an even size, SAME pads the far sides only. */
export function convolutionAttributes({ kernel, stride, groups }: Layer): Attributes {
  const near = kernel === 3 && stride === 1 ? 1 : 0
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
