/**
 * Networks of MobileNetV1's separable blocks; and the one at 224×224 for 1000 classes (Howard et al. 2017, Table 1): its layers and
 * seeded weights. The HL paper's Table III serves that one at four width multipliers.
 */
import type { Random } from '../../random.ts'

/** Height and width in pixels, of ImageNet's pictures. */
export const IMAGE_SIZE = 224
/** Of ImageNet. */
export const CLASSES = 1000

/** A convolution followed by batch normalisation and ReLU; padding keeps size / stride. */
export interface Layer {
  readonly inputChannels: number
  readonly outputChannels: number
  /** Side of the square kernel. */
  readonly kernel: number
  readonly stride: number
  /** 1, or the number of channels for a depthwise convolution. */
  readonly groups: number
  /** Pads all four sides at stride 2, too, as PyTorch does; absent: only the far ones there, as TensorFlow's SAME does. */
  readonly padsAllSides?: true
}

/** Kernel and bias of one layer, batch normalisation folded in. */
export interface LayerWeights {
  /** [output channels, input channels / groups, kernel, kernel] */
  readonly kernel: Float32Array
  /** [output channels] */
  readonly bias: Float32Array
}

/** Layers with their weights, in order. */
export interface MobileNet {
  /** Height and width of its pictures, in pixels. */
  readonly size: number
  readonly layers: readonly Layer[]
  readonly weights: readonly LayerWeights[]
  /** [features, classes] */
  readonly classifier: Float32Array
  /** [classes]; absent: zeros */
  readonly classifierBias?: Float32Array
}

/** Stride and output channels, at width 1, of the thirteen depthwise separable blocks. */
const BLOCKS = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [2, 1024],
  [1, 1024],
] as const

/** The 27 convolutions at a width multiplier of 1.0, 0.75, 0.5 or 0.25. */
export function mobileNetLayers(width: number): Layer[] {
  let channels = 32 * width
  const layers: Layer[] = [
    { inputChannels: 3, outputChannels: channels, kernel: 3, stride: 2, groups: 1 },
  ]
  for (const [stride, blockChannels] of BLOCKS) {
    const outputChannels = blockChannels * width
    const common = { inputChannels: channels }
    layers.push({ ...common, outputChannels: channels, kernel: 3, stride, groups: channels })
    layers.push({ ...common, outputChannels, kernel: 1, stride: 1, groups: 1 })
    channels = outputChannels
  }
  return layers
}

/** Weights that enter one output value of a layer. */
export function fanIn({ inputChannels, groups, kernel }: Layer): number {
  return (inputChannels / groups) * kernel * kernel
}

/** Of a network's input: [batch, channels, height, width]. */
export function inputShape({ size, layers }: MobileNet, batch = 1): number[] {
  return [batch, layers[0]?.inputChannels ?? 0, size, size]
}

/** How many classes a network tells apart. */
export function classCount({ classifier, layers }: MobileNet): number {
  return classifier.length / featureCount(layers)
}

/** Channels after the last layer. */
export function featureCount(layers: readonly Layer[]): number {
  return layers.at(-1)?.outputChannels ?? 0
}

/** Untrained weights: normal, with the variance 2 / fan-in of He et al. 2015 (1 / fan-in for the classifier). */
export function heWeights(layers: readonly Layer[], random: Random): MobileNet {
  const normals = (count: number, deviation: number) =>
    Float32Array.from({ length: count }, () => random.normal() * deviation)
  const weights = layers.map((layer) => ({
    kernel: normals(layer.outputChannels * fanIn(layer), Math.sqrt(2 / fanIn(layer))),
    bias: new Float32Array(layer.outputChannels),
  }))
  const features = featureCount(layers)
  const classifier = normals(features * CLASSES, Math.sqrt(1 / features))
  return { size: IMAGE_SIZE, layers, weights, classifier }
}
