import { mean, standardDeviation } from 'simple-statistics'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { type Calibrated, calibrate, seededImages } from './calibrate.ts'
import { CLASSES, heWeights, IMAGE_SIZE, type Layer, type LayerWeights } from './mobilenet.ts'

/** A network of one layer. */
const layer: Layer = {
  inputChannels: 3,
  outputChannels: 2,
  kernel: 3,
  stride: 2,
  groups: 1,
}
const OUTPUT_SIZE = IMAGE_SIZE / layer.stride
const IMAGES = 8
const SEED = 5

/** The layer before its ReLU by the definition, one list for each output channel: [images · 112 · 112]. */
function convolveByHand(images: Float32Array, { kernel, bias }: LayerWeights): number[][] {
  const pixel = (image: number, channel: number, y: number, x: number) =>
    y < IMAGE_SIZE && x < IMAGE_SIZE
      ? (images[((image * 3 + channel) * IMAGE_SIZE + y) * IMAGE_SIZE + x] ?? 0)
      : 0
  return Array.from(bias, (offset, output) => {
    const values: number[] = []
    for (let place = 0; place < IMAGES * OUTPUT_SIZE ** 2; place++) {
      const image = Math.floor(place / OUTPUT_SIZE ** 2)
      const y = 2 * (Math.floor(place / OUTPUT_SIZE) % OUTPUT_SIZE)
      const x = 2 * (place % OUTPUT_SIZE)
      let sum = offset
      for (let tap = 0; tap < 27; tap++) {
        const row = y + (Math.floor(tap / 3) % 3)
        const weight = kernel[output * 27 + tap] ?? 0
        sum += weight * pixel(image, Math.floor(tap / 9), row, x + (tap % 3))
      }
      values.push(sum)
    }
    return values
  })
}

describe('calibrate', () => {
  let calibrated: Calibrated
  let gains: number[]
  let offsets: number[]
  let folded: number[][]

  beforeAll(async () => {
    const network = heWeights([layer], new Random(1))
    calibrated = await calibrate(network, new Random(SEED))
    // The same draws in the same order.
    const random = new Random(SEED)
    gains = [1 + 0.1 * random.normal(), 1 + 0.1 * random.normal()]
    offsets = [0.2 * random.normal(), 0.2 * random.normal()]
    const [weights = { kernel: new Float32Array(), bias: new Float32Array() }] =
      calibrated.network.weights
    folded = convolveByHand(seededImages(IMAGES, random), weights)
  })

  it('folds batch normalisation: each channel has its offset as mean and its gain as deviation', () => {
    folded.forEach((values, channel) => {
      expect(mean(values)).toBeCloseTo(offsets[channel] ?? 0, 3)
      expect(standardDeviation(values)).toBeCloseTo(gains[channel] ?? 0, 3)
    })
  })

  it('measures the largest activation, feature and logit', () => {
    const { layerMaxima, featureMaximum, logitMaximum } = calibrated.ranges
    const afterRelu = folded.map((values) => values.map((value) => Math.max(0, value)))
    const highest = afterRelu.flat().reduce((one, other) => Math.max(one, other))
    expect(layerMaxima).toHaveLength(1)
    expect(layerMaxima[0]).toBeCloseTo(highest, 3)

    const size = OUTPUT_SIZE ** 2
    const features = Array.from({ length: IMAGES }, (_, image) =>
      afterRelu.map((values) => mean(values.slice(image * size, (image + 1) * size))),
    )
    expect(featureMaximum).toBeCloseTo(Math.max(...features.flat()), 3)
    const { classifier } = calibrated.network
    const logits = features.flatMap(([first = 0, second = 0]) =>
      Array.from(
        { length: CLASSES },
        (_, label) =>
          first * (classifier[label] ?? 0) + second * (classifier[CLASSES + label] ?? 0),
      ),
    )
    expect(logitMaximum).toBeCloseTo(Math.max(...logits.map(Math.abs)), 3)
  })
})

describe('seededImages', () => {
  it('gives images in [-1, 1] that differ, and the same ones for the same seed', () => {
    const images = seededImages(2, new Random(3))
    const size = 3 * IMAGE_SIZE ** 2
    expect(images).toHaveLength(2 * size)
    expect(images.every((value) => value >= -1 && value <= 1)).toBe(true)
    const bytes = Buffer.from(images.buffer)
    expect(bytes.subarray(0, 4 * size).equals(bytes.subarray(4 * size))).toBe(false)
    expect(Buffer.from(seededImages(2, new Random(3)).buffer).equals(bytes)).toBe(true)
  })
})
