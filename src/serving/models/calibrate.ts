/**
 * Makes seeded weights behave like a trained network's: batch-normalisation statistics are measured on a few seeded
 * images and folded into the weights, so that every layer's values stay in a narrow range and depend on the image.
 * The same run measures the range of every activation, which INT8 quantisation needs.
 */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import type { Random } from '../../random.ts'
import { runOnce } from '../backends/run-once.ts'
import {
  CLASSES,
  featureCount,
  IMAGE_SIZE,
  type Layer,
  type LayerWeights,
  type MobileNet,
} from './mobilenet.ts'
import { convolutionAttributes, kernelShape, missingWeights } from './mobilenet-graph.ts'
import { addMaximum, maximumIn, type Ranges } from './ranges.ts'

const CALIBRATION_IMAGES = 8
const EPSILON = 1e-5

/** A network that behaves like a trained one. */
export interface Calibrated {
  readonly network: MobileNet
  readonly ranges: Ranges
}

/** Seeded normalisation of one layer: gain and offset, both [output channels]. */
interface Normalisation {
  readonly gain: Float32Array
  readonly offset: Float32Array
}

/** Runs the network on seeded images and returns it with batch normalisation folded in, and its ranges. */
export async function calibrate(network: MobileNet, random: Random): Promise<Calibrated> {
  const normalisations = network.layers.map(({ outputChannels }) => ({
    gain: Float32Array.from({ length: outputChannels }, () => 1 + 0.1 * random.normal()),
    offset: Float32Array.from({ length: outputChannels }, () => 0.2 * random.normal()),
  }))
  const outputs = await measure(network, normalisations, random)
  const read = (name: string) => outputs[name] ?? missingOutput(name)
  const maximum = (name: string) => maximumIn(outputs, name)
  const weights = network.weights.map((layerWeights, index) =>
    fold(
      layerWeights,
      normalisations[index] ?? missingWeights(index),
      read(`mean-${index}`),
      read(`variance-${index}`),
    ),
  )
  const ranges = {
    layerMaxima: network.layers.map((_, index) => maximum(`maximum-${index}`)),
    featureMaximum: maximum('feature-maximum'),
    logitMaximum: maximum('logit-maximum'),
  }
  return { network: { ...network, weights }, ranges }
}

/** gain · (w·x − mean) / √(variance + ε) + offset, written as w′·x + b′. */
function fold(
  { kernel }: LayerWeights,
  { gain, offset }: Normalisation,
  mean: Float32Array,
  variance: Float32Array,
): LayerWeights {
  const factors = gain.map(
    (value, channel) => value / Math.sqrt((variance[channel] ?? 0) + EPSILON),
  )
  const fan = kernel.length / gain.length
  return {
    kernel: kernel.map((weight, index) => weight * (factors[Math.floor(index / fan)] ?? 0)),
    bias: offset.map((value, channel) => value - (mean[channel] ?? 0) * (factors[channel] ?? 0)),
  }
}

/** `mean-i` and `variance-i` [channels] and `maximum-i` of every layer, `feature-maximum` and `logit-maximum`. */
async function measure(
  network: MobileNet,
  normalisations: readonly Normalisation[],
  random: Random,
): Promise<Record<string, Float32Array>> {
  const data = seededImages(CALIBRATION_IMAGES, random)
  const shape = [CALIBRATION_IMAGES, 3, IMAGE_SIZE, IMAGE_SIZE]
  return runOnce(statisticsModel(network, normalisations), { input: { data, shape } })
}

/** The network with batch normalisation over its own batch, and its statistics as outputs. */
function statisticsModel(
  { layers, weights, classifier }: MobileNet,
  normalisations: readonly Normalisation[],
): Uint8Array {
  const graph = new GraphBuilder('mobilenet-statistics')
  let value = graph.input('input', 'float32', [CALIBRATION_IMAGES, 3, IMAGE_SIZE, IMAGE_SIZE])
  layers.forEach((layer, index) => {
    const { kernel } = weights[index] ?? missingWeights(index)
    const kernelName = graph.constant(kernelShape(layer), kernel)
    value = graph.node('Conv', [value, kernelName], convolutionAttributes(layer))
    const normalisation = normalisations[index] ?? missingWeights(index)
    value = addNormalisation(graph, value, layer, normalisation, index)
    value = graph.node('Relu', [value])
    addMaximum(graph, value, `maximum-${index}`)
  })
  const features = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])], { axis: 1 })
  addMaximum(graph, features, 'feature-maximum')
  const classifierName = graph.constant([featureCount(layers), CLASSES], classifier)
  const logits = graph.node('MatMul', [features, classifierName])
  addMaximum(graph, graph.node('Abs', [logits]), 'logit-maximum')
  return graph.model()
}

function addNormalisation(
  graph: GraphBuilder,
  value: string,
  { outputChannels }: Layer,
  { gain, offset }: Normalisation,
  index: number,
): string {
  const overBatchAndImage = { axes: [0, 2, 3], keepdims: 1 }
  const shape = [1, outputChannels, 1, 1]
  const mean = `mean-${index}`
  const variance = `variance-${index}`
  graph.node('ReduceMean', [value], overBatchAndImage, { output: mean })
  const centred = graph.node('Sub', [value, mean])
  const squares = graph.node('Mul', [centred, centred])
  graph.node('ReduceMean', [squares], overBatchAndImage, { output: variance })
  graph.output(mean, 'float32', shape)
  graph.output(variance, 'float32', shape)
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.scalar(EPSILON)])])
  const normal = graph.node('Div', [centred, deviation])
  const scaled = graph.node('Mul', [normal, graph.constant(shape, gain)])
  return graph.node('Add', [scaled, graph.constant(shape, offset)])
}

/**
 * Smooth colour waves with noise, [count, 3, 224, 224] in [-1, 1]: enough variety to give every channel a mean and a spread.
 */
export function seededImages(count: number, random: Random): Float32Array {
  const images = new Float32Array(count * 3 * IMAGE_SIZE * IMAGE_SIZE)
  let index = 0
  for (let plane = 0; plane < count * 3; plane++) {
    const wavesAcross = 1 + 8 * random.uniform()
    const wavesDown = 1 + 8 * random.uniform()
    const phase = random.uniform()
    const brightness = 2 * random.uniform() - 1
    for (let y = 0; y < IMAGE_SIZE; y++) {
      for (let x = 0; x < IMAGE_SIZE; x++) {
        const turns = (wavesAcross * x + wavesDown * y) / IMAGE_SIZE + phase
        const value = 0.6 * Math.sin(2 * Math.PI * turns) + 0.4 * brightness + 0.3 * random.normal()
        images[index++] = Math.max(-1, Math.min(1, value))
      }
    }
  }
  return images
}

function missingOutput(name: string): never {
  throw new RangeError(`the statistics model gave no ${name}`)
}
