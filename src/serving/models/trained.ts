/** Trained weights of a network, as a training script leaves them, become the ONNX files that are served. */
import { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import { readRegularFile } from '../../files.ts'
import { MAX_MODEL_BYTES } from '../../onnx/signature.ts'
import { readYaml } from '../../yaml.ts'
import { fanIn, featureCount, type Layer, type MobileNet } from './mobilenet.ts'
import { floatModel } from './mobilenet-graph.ts'
import type { GreyPicture } from './picture.ts'
import { quantisedModel } from './quantise.ts'
import { measureRanges } from './ranges.ts'

/** What is read of `NAME.json`: the convolutions in order. */
const description = z.object({
  layers: z
    .array(
      z.object({
        /** [output channels, input channels / groups, kernel, kernel] */
        shape: z.tuple([z.int(), z.int(), z.int(), z.int()]),
        stride: z.int(),
        groups: z.int(),
      }),
    )
    .min(1),
})

/**
 * Reads `NAME.json`, the network's layers, and `NAME.bin`: its weights as 32-bit floats, little-endian, in the order k₀, b₀, k₁,
 * b₁, …, dense weight [classes, features], dense bias. Batch normalisation is folded in; a pixel p enters as (p − 127.5) / 127.5.
 * @param stem path without the two endings
 * @param size height and width of its pictures, in pixels
 * @throws ConfigError for a file that is missing, or of another size than the layers say
 */
export async function readTrained(stem: string, size: number): Promise<MobileNet> {
  const described = await readYaml(`${stem}.json`, description)
  const layers = described.layers.map(({ shape, stride, groups }): Layer => {
    const [outputChannels, inputs, kernel] = shape
    return {
      inputChannels: inputs * groups,
      outputChannels,
      kernel,
      stride,
      groups,
      padsAllSides: true,
    }
  })
  const bytes = await readRegularFile(`${stem}.bin`, MAX_MODEL_BYTES)
  const features = featureCount(layers)
  const convolutions = layers.reduce(
    (sum, layer) => sum + layer.outputChannels * (fanIn(layer) + 1),
    0,
  )
  const classes = (bytes.length / 4 - convolutions) / (features + 1)
  if (!Number.isInteger(classes) || classes < 2) {
    throw new ConfigError(
      `${stem}.bin has ${bytes.length} bytes, ${4 * convolutions} of them convolutions as ${stem}.json has them: ` +
        `the rest is no dense layer of ${features} features`,
    )
  }
  const reader = new FloatReader(bytes)
  const weights = layers.map((layer) => ({
    kernel: reader.take(layer.outputChannels * fanIn(layer)),
    bias: reader.take(layer.outputChannels),
  }))
  const classifier = transposed(reader.take(classes * features), classes)
  return { size, layers, weights, classifier, classifierBias: reader.take(classes) }
}

/** The two models of one network. @param calibration pictures that it was trained on: their values give the ranges of INT8 */
export async function compile(
  network: MobileNet,
  calibration: readonly GreyPicture[],
): Promise<{ float: Uint8Array; quantised: Uint8Array }> {
  const pixels = Buffer.concat(calibration.map((picture) => picture.pixels))
  const ranges = await measureRanges(network, pixels)
  return { float: floatModel(network), quantised: quantisedModel(network, ranges) }
}

/** [rows, columns] → [columns, rows] */
function transposed(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows
  return Float32Array.from(
    matrix,
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)] ?? 0,
  )
}

class FloatReader {
  private readonly view: DataView
  private offset = 0

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  take(count: number): Float32Array {
    const start = this.offset
    this.offset += 4 * count
    return Float32Array.from({ length: count }, (_, index) =>
      this.view.getFloat32(start + 4 * index, true),
    )
  }
}
