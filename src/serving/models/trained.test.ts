import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { precisionOf } from '../../onnx/precision.ts'
import { Random } from '../../random.ts'
import { compile, readTrained } from './trained.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-trained-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** One 1 × 1 convolution of a grey picture into two channels, and a dense layer to three classes. */
const layers = [{ shape: [2, 1, 1, 1], stride: 1, groups: 1 }]
const values = {
  kernel: [2, -1],
  bias: [0.5, 0.25],
  /** [classes, features] */
  dense: [1, 0, 0, 1, -1, 2],
  denseBias: [0.1, -0.2, 0.3],
}

async function write(floats: readonly number[], description: unknown = { name: 'tiny', layers }) {
  const stem = join(folder, 'tiny')
  await writeFile(`${stem}.bin`, new Uint8Array(Float32Array.from(floats).buffer))
  await writeFile(`${stem}.json`, JSON.stringify(description))
  return stem
}

async function probabilities(model: Uint8Array, pixels: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(model)
  const { probabilities } = await session.run({ input: new Tensor('uint8', pixels, [1, 1, 2, 2]) })
  await session.release()
  expect(probabilities?.dims).toEqual([1, 3])
  return Array.from(probabilities?.data as Float32Array)
}

/** By the definition: normalise, convolve, ReLU, mean, dense, softmax. */
function byHand(pixels: Uint8Array): number[] {
  const inputs = Array.from(pixels, (pixel) => (pixel - 127.5) / 127.5)
  const features = [0, 1].map((channel) => {
    const outputs = inputs.map((value) =>
      Math.max(0, value * (values.kernel[channel] ?? 0) + (values.bias[channel] ?? 0)),
    )
    return outputs.reduce((sum, value) => sum + value, 0) / outputs.length
  })
  const logits = values.denseBias.map(
    (bias, label) =>
      bias +
      (values.dense[2 * label] ?? 0) * (features[0] ?? 0) +
      (values.dense[2 * label + 1] ?? 0) * (features[1] ?? 0),
  )
  const powers = logits.map(Math.exp)
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

const whole = [...values.kernel, ...values.bias, ...values.dense, ...values.denseBias]

describe('trained weights', () => {
  it('become a model that computes what the layers say, in floats and nearly so in 8 bits', async () => {
    const network = await readTrained(await write(whole), 2)
    const random = new Random(5)
    const pictures = Array.from({ length: 20 }, () => {
      const pixels = Uint8Array.from({ length: 4 }, () => random.integer(256))
      return { height: 2, width: 2, pixels }
    })
    const { float, quantised } = await compile(network, pictures)
    expect([precisionOf(float), precisionOf(quantised)]).toEqual(['FP32', 'INT8'])
    for (const { pixels } of pictures) {
      const expected = byHand(pixels)
      const exact = await probabilities(float, pixels)
      const near = await probabilities(quantised, pixels)
      for (const [label, value] of expected.entries()) {
        expect(exact[label]).toBeCloseTo(value, 5)
        expect(Math.abs((near[label] ?? 0) - value)).toBeLessThan(0.02)
      }
    }
  })

  it('are refused where file and layers disagree', async () => {
    await expect(readTrained(await write(whole.slice(1)), 2)).rejects.toThrow(
      /tiny\.bin has 48 bytes, 16 of them convolutions .* no dense layer of 2 features/,
    )
    await expect(readTrained(await write(whole, { name: 'tiny' }), 2)).rejects.toThrow(ConfigError)
    await expect(readTrained(join(folder, 'none'), 2)).rejects.toThrow(ConfigError)
  })
})
