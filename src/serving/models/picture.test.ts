import { readdir, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ConfigError, InvalidInputError, TooLargeError } from '../../errors.ts'
import { packageFile } from '../../package-files.ts'
import type { Catalogue } from './catalogue.ts'
import { decodePicture, preparePicture } from './picture.ts'

const pictures = packageFile('pictures/')
const input = {
  name: 'input',
  datatype: 'FP32',
  shape: [1, 3, 224, 224],
  mean: 127.5,
  scale: 127.5,
} as const
const raw = { ...input, mean: 0, scale: 1 }

/** A picture of one colour. */
const plain = (
  width: number,
  height: number,
  background: string | { r: number; g: number; b: number; alpha?: number },
) => sharp({ create: { width, height, channels: 4, background } })

describe('decodePicture', () => {
  it('gives planes of red, green and blue, as (p - mean) / scale', async () => {
    const png = await plain(10, 10, { r: 255, g: 51, b: 0 }).png().toBuffer()
    const tensor = await decodePicture(png, { ...input, shape: [1, 3, 2, 3] })
    expect(tensor).toHaveLength(18)
    expect(Array.from(tensor.subarray(0, 6))).toEqual(Array(6).fill(1))
    for (const value of tensor.subarray(6, 12)) expect(value).toBeCloseTo(-0.6, 6)
    expect(Array.from(tensor.subarray(12))).toEqual(Array(6).fill(-1))
  })

  it('takes a mean and a scale for each channel', async () => {
    const png = await plain(4, 4, { r: 200, g: 100, b: 50 }).png().toBuffer()
    const perChannel = { ...input, shape: [1, 3, 1, 1], mean: [100, 50, 10], scale: [50, 25, 8] }
    expect(Array.from(await decodePicture(png, perChannel))).toEqual([2, 2, 5])
  })

  it('keeps rows above columns', async () => {
    const bytes = Uint8Array.of(10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0) // 2 × 2, red only
    const png = await sharp(bytes, { raw: { width: 2, height: 2, channels: 3 } })
      .png()
      .toBuffer()
    const tensor = await decodePicture(png, { ...raw, shape: [1, 3, 2, 2] })
    expect(Array.from(tensor.subarray(0, 4))).toEqual([10, 20, 30, 40])
  })

  it('covers the input and crops the sides', async () => {
    const bar = await plain(100, 100, 'red').png().toBuffer()
    const wide = await plain(300, 100, 'blue')
      .composite([{ input: bar, left: 100, top: 0 }])
      .png()
      .toBuffer()
    const tensor = await decodePicture(wide, { ...raw, shape: [1, 3, 10, 10] })
    expect(tensor[55]).toBe(255)
    expect(tensor[255]).toBe(0)
  })

  it('makes transparent parts white and reads grey pictures', async () => {
    const clear = await plain(4, 4, { r: 0, g: 0, b: 0, alpha: 0 }).png().toBuffer()
    const shape = [1, 3, 1, 1]
    expect(Array.from(await decodePicture(clear, { ...raw, shape }))).toEqual([255, 255, 255])
    const grey = await plain(4, 4, { r: 90, g: 90, b: 90 }).greyscale().png().toBuffer()
    expect(Array.from(await decodePicture(grey, { ...raw, shape }))).toEqual([90, 90, 90])
  })
})

it('gives a UINT8 model the pixels as they are', async () => {
  const colour = { r: 10, g: 128, b: 255 }
  const create = { width: 2, height: 1, channels: 3, background: colour } as const
  const png = await sharp({ create }).png().toBuffer()
  const pixels = await decodePicture(png, { ...raw, datatype: 'UINT8', shape: [1, 3, 1, 2] })
  expect(pixels).toEqual(Uint8Array.of(10, 10, 128, 128, 255, 255))
})

it.each([
  ['planes', [3, 1, 2]],
  ['pixels', [1, 2, 3]],
])('takes an input of %s without a batch', async (_, shape) => {
  const one = { width: 2, height: 1, channels: 3, background: 'white' } as const
  const png = await sharp({ create: one }).png().toBuffer()
  expect(await decodePicture(png, { ...raw, datatype: 'UINT8', shape })).toHaveLength(6)
})

it('gives pixel after pixel where the channels come last', async () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6) // 1 × 2
  const png = await sharp(bytes, { raw: { width: 2, height: 1, channels: 3 } })
    .png()
    .toBuffer()
  const shape = [1, 1, 2, 3]
  expect(await decodePicture(png, { ...raw, datatype: 'UINT8', layout: 'NHWC', shape })).toEqual(
    bytes,
  )
  const wide = { ...raw, shape: [1, 2, 2, 3], mean: [1, 2, 3] }
  const four = await sharp(Uint8Array.from([...bytes, ...bytes]), {
    raw: { width: 2, height: 2, channels: 3 },
  })
    .png()
    .toBuffer()
  expect(Array.from(await decodePicture(four, wide))).toEqual([0, 0, 0, 3, 3, 3, 0, 0, 0, 3, 3, 3])
})

describe('for a model of grey pictures', () => {
  const shape = [1, 1, 16, 16]
  const grey: Catalogue['input'] = { ...raw, datatype: 'UINT8', shape }
  const pixels = Uint8Array.from({ length: 256 }, (_, index) => index)

  it('leaves every grey as it is', async () => {
    const png = await sharp(pixels, { raw: { width: 16, height: 16, channels: 1 } })
      .png()
      .toBuffer()
    expect(await decodePicture(png, grey)).toEqual(pixels)
    expect(await preparePicture({ height: 16, width: 16, pixels }, grey)).toEqual(pixels)
  })

  it('makes colours grey', async () => {
    const { length } = await decodePicture(await plain(9, 9, 'red').png().toBuffer(), grey)
    expect(length).toBe(256)
    const white = await decodePicture(await plain(9, 9, 'white').png().toBuffer(), grey)
    expect(new Set(white)).toEqual(new Set([255]))
  })

  it('takes a decoded picture of another size, or for a model of colours', async () => {
    const half = Uint8Array.from({ length: 4 }, () => 90)
    const larger = await preparePicture({ height: 2, width: 2, pixels: half }, grey)
    expect(new Set(larger)).toEqual(new Set([90]))
    const colours = { ...raw, shape: [1, 3, 2, 2] }
    expect(
      Array.from(await preparePicture({ height: 2, width: 2, pixels: half }, colours)),
    ).toEqual(Array(12).fill(90))
  })
})

it('gives an FP16 model the bit patterns of halves', async () => {
  const png = await plain(2, 2, { r: 2, g: 1, b: 0 }).png().toBuffer()
  const values = await decodePicture(png, { ...raw, datatype: 'FP16', shape: [1, 3, 1, 1] })
  expect(values).toEqual(Uint16Array.of(0x4000, 0x3c00, 0))
})

describe('decodePicture, refusing', () => {
  it.each([
    [
      'bytes that are no picture',
      new TextEncoder().encode('not a picture'),
      /13 bytes cannot be decoded/,
    ],
    ['no bytes', new Uint8Array(0), /cannot be decoded/],
    ['a missing file', '/nowhere/cat.jpg', /\/nowhere\/cat\.jpg cannot be decoded/],
  ])('refuses %s', async (_, picture, message) => {
    const decoding = decodePicture(picture, input)
    await expect(decoding).rejects.toThrow(InvalidInputError)
    await expect(decoding).rejects.toThrow(message)
  })

  it('refuses a truncated picture', async () => {
    const bytes = await readFile(`${pictures}cat.jpg`)
    await expect(decodePicture(bytes.subarray(0, 4000), input)).rejects.toThrow(InvalidInputError)
  })

  it('refuses more pixels than may be, before it decodes them', async () => {
    const large = await plain(100, 100, 'red').png().toBuffer()
    await expect(decodePicture(large, input, 9_999)).rejects.toThrow(TooLargeError)
    await expect(decodePicture(large, input, 10_000)).resolves.toBeDefined()
  })

  it('refuses a mean for another number of channels', async () => {
    const wrong = { ...raw, shape: [1, 1, 8, 8], mean: [1, 2, 3] }
    await expect(decodePicture(`${pictures}cat.jpg`, wrong)).rejects.toThrow(
      'input.mean has 3 values for 1 channel',
    )
  })

  it.each([
    ['FP32', [1, 10]],
    ['FP32', [2, 3, 8, 8]],
    ['FP32', [1, 8, 8, 2]],
    ['INT32', [1, 3, 8, 8]],
  ] as const)('refuses a model whose input is %s %j', async (datatype, shape) => {
    const decoding = decodePicture(`${pictures}cat.jpg`, { ...input, datatype, shape })
    await expect(decoding).rejects.toThrow(ConfigError)
  })
})

it('decodes the six shipped pictures, each different from the others', async () => {
  const files = (await readdir(pictures)).filter((file) => file.endsWith('.jpg'))
  expect(files).toHaveLength(6)
  const means = new Set<string>()
  for (const file of files) {
    const tensor = Float32Array.from(await decodePicture(`${pictures}${file}`, input))
    expect(tensor).toHaveLength(3 * 224 * 224)
    expect(Math.max(...tensor.subarray(0, 50_000))).toBeLessThanOrEqual(1)
    expect(Math.min(...tensor.subarray(0, 50_000))).toBeGreaterThanOrEqual(-1)
    means.add((tensor.reduce((sum, value) => sum + value, 0) / tensor.length).toFixed(3))
  }
  expect(means.size).toBe(6)
})
