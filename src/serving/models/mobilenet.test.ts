import { InferenceSession, Tensor } from 'onnxruntime-node'
import { sampleCorrelation } from 'simple-statistics'
import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { EXACT_INT8 } from '../backends/onnx-model.ts'
import { calibrate, seededImages } from './calibrate.ts'
import {
  CLASSES,
  fanIn,
  featureCount,
  heWeights,
  IMAGE_SIZE,
  mobileNetLayers,
} from './mobilenet.ts'
import { floatModel, INPUT_NAME, OUTPUT_NAME } from './mobilenet-graph.ts'
import { quantisedModel } from './quantise.ts'

describe('mobileNetLayers', () => {
  it.each([
    [1, 4.22],
    [0.75, 2.58],
    [0.5, 1.33],
    [0.25, 0.47],
  ])('at width %d has %d M parameters', (width, millionParameters) => {
    const layers = mobileNetLayers(width)
    const parameters = layers.reduce(
      (sum, layer) => sum + layer.outputChannels * (fanIn(layer) + 1),
      featureCount(layers) * CLASSES + CLASSES,
    )
    expect(parameters / 1e6).toBeCloseTo(millionParameters, 2)
  })

  it('has 27 convolutions and ends at 7 × 7', () => {
    const layers = mobileNetLayers(0.5)
    expect(layers).toHaveLength(27)
    const shrunk = layers.reduce((size, { stride }) => size / stride, IMAGE_SIZE)
    expect([shrunk, layers.at(-1)?.outputChannels]).toEqual([7, 512])
  })
})

describe.each([1, 0.75, 0.5, 0.25])('the models of width %d', (width) => {
  it('give INT8 logits that follow the FP32 logits of the same image, and of no other image as well', async () => {
    const random = new Random(7)
    const { network, ranges } = await calibrate(heWeights(mobileNetLayers(width), random), random)
    for (const maximum of ranges.layerMaxima) {
      expect(maximum).toBeGreaterThan(2)
      expect(maximum).toBeLessThan(20)
    }
    const images = seededImages(4, new Random(99))
    const float = await logitsOf(floatModel(network), images)
    const quantised = await logitsOf(quantisedModel(network, ranges), images)
    for (const [image, logits] of float.entries()) {
      const correlations = quantised.map((other) => sampleCorrelation(logits, other))
      expect(correlations[image]).toBeGreaterThanOrEqual(0.95)
      expect(correlations.indexOf(Math.max(...correlations))).toBe(image)
    }
  })
})

/** Values in [-1, 1] as pixels. */
function pixelsOf(image: Float32Array): Uint8Array {
  return Uint8Array.from(image, (value) => Math.round((value + 1) * 127.5))
}

/** Logits, up to a constant, of every image: the logarithms of its probabilities. */
async function logitsOf(model: Uint8Array, images: Float32Array): Promise<number[][]> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, ...EXACT_INT8 })
  const pixels = 3 * IMAGE_SIZE * IMAGE_SIZE
  const logits: number[][] = []
  for (let start = 0; start < images.length; start += pixels) {
    const image = new Tensor(
      'uint8',
      pixelsOf(images.subarray(start, start + pixels)),
      [1, 3, 224, 224],
    )
    const output = (await session.run({ [INPUT_NAME]: image }))[OUTPUT_NAME]
    expect(output?.dims).toEqual([1, CLASSES])
    logits.push(Array.from(output?.data as Float32Array, Math.log))
  }
  await session.release()
  return logits
}
