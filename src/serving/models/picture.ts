import sharp, { type Sharp } from 'sharp'
import { InvalidInputError, messageOf, TooLargeError } from '../../errors.ts'
import { readRegularFile } from '../../files.ts'
import { halfBits } from '../../protocol/half.ts'
import type { Catalogue } from './catalogue-schema.ts'
import { type PictureForm, pictureForm } from './picture-form.ts'

/** A decoded picture may need some bytes for each of its pixels, however few bytes it comes in. */
const MAX_PIXELS = 50_000_000

/** Of a picture's file. */
export const MAX_PICTURE_BYTES = 256 * 1024 ** 2

/** A picture's values in the datatype of the model's input; FP16 as its bit patterns. */
export type PictureValues =
  | Float32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>

/** Grey pixels in rows, 0–255. */
export interface GreyPicture {
  readonly height: number
  readonly width: number
  /** [height, width] */
  readonly pixels: Uint8Array
}

/**
 * Decodes a JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG picture, scales it to cover the model's input and crops the centre.
 * Transparent parts become white; for a model of one channel, colours become grey.
 * @param picture a file's path, or its bytes
 * @param maxPixels of the picture as it is encoded; more are refused before they are decoded
 * @returns in the input's shape: for an FP32 or FP16 input each pixel p in 0–255 as (p - mean) / scale, for a UINT8 input p itself
 * @throws InvalidInputError for a file that is missing, damaged or no picture; TooLargeError over the limit; ConfigError for a model
 *   that takes no pictures (see `pictureForm`)
 */
export async function decodePicture(
  picture: string | Uint8Array,
  input: Catalogue['input'],
  maxPixels = MAX_PIXELS,
): Promise<PictureValues> {
  const form = pictureForm(input)
  try {
    const isFile = typeof picture === 'string'
    const bytes = isFile ? await readRegularFile(picture, MAX_PICTURE_BYTES) : picture
    const decoder = sharp(bytes, { limitInputPixels: maxPixels })
    return valuesOf(await pixelsOf(decoder, form), form, input)
  } catch (error) {
    const source = typeof picture === 'string' ? picture : `${picture.byteLength} bytes`
    if (/pixel limit/.test(messageOf(error))) {
      throw new TooLargeError(`${source}: the picture has more than ${maxPixels} pixels`)
    }
    throw new InvalidInputError(`${source} cannot be decoded as a picture: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/**
 * Prepares a picture that is decoded already, as `decodePicture` does.
 * @throws ConfigError for a model that takes no pictures
 */
export async function preparePicture(
  { height, width, pixels }: GreyPicture,
  input: Catalogue['input'],
): Promise<PictureValues> {
  const form = pictureForm(input)
  if (form.channels === 1 && form.height === height && form.width === width) {
    return valuesOf(pixels, form, input)
  }
  const decoded = sharp(pixels, { raw: { width, height, channels: 1 } })
  return valuesOf(await pixelsOf(decoded, form), form, input)
}

/** As a file, without loss. */
export function pngOf({ height, width, pixels }: GreyPicture): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}

/** [height, width, channels], 0–255 */
async function pixelsOf(
  decoder: Sharp,
  { channels, height, width }: PictureForm,
): Promise<Uint8Array> {
  return decoder
    .autoOrient()
    .resize(width, height, { fit: 'cover' })
    .flatten({ background: 'white' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
}

/** @param pixels [height, width, channels], 0–255 */
function valuesOf(
  pixels: Uint8Array,
  { layout, channels, height, width }: PictureForm,
  { datatype, mean, scale }: Catalogue['input'],
): PictureValues {
  const places = height * width
  const values = newValues(datatype, places * channels)
  for (let channel = 0; channel < channels; channel++) {
    const from = channelValue(mean, channel)
    const by = channelValue(scale, channel)
    for (let place = 0; place < places; place++) {
      const index = place * channels + channel
      const value = ((pixels[index] ?? 0) - from) / by
      values[layout === 'NHWC' ? index : channel * places + place] =
        datatype === 'FP16' ? halfBits(value) : value
    }
  }
  return values
}

function newValues(datatype: Catalogue['input']['datatype'], count: number): PictureValues {
  if (datatype === 'UINT8') return new Uint8Array(count)
  return datatype === 'FP16' ? new Uint16Array(count) : new Float32Array(count)
}

function channelValue(value: number | readonly number[], channel: number): number {
  return typeof value === 'number' ? value : (value[channel] ?? 0)
}
