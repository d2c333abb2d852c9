import sharp from 'sharp'
import { ConfigError, InvalidInputError, messageOf, TooLargeError } from '../../errors.ts'
import type { Catalogue } from './catalogue.ts'

const CHANNELS = 3

/** A picture's values in the datatype of the model's input. */
export type PictureValues = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

/**
 * Decodes a JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG picture, scales it to cover the model's input and crops the centre.
 * Transparent parts become white.
 * @param picture a file's path, or its bytes
 * @param limitPixels most pixels of the picture itself, width × height; by default sharp's 268 million
 * @returns [1, 3, height, width], red, green and blue: for an FP32 input each pixel p in 0–255 as (p - mean) / scale, for a UINT8
 *   input p itself
 * @throws InvalidInputError for a file that is missing, damaged or no picture; TooLargeError over the limit; ConfigError for a model that takes no pictures
 */
export async function decodePicture(
  picture: string | Uint8Array,
  input: Catalogue['input'],
  limitPixels?: number,
): Promise<PictureValues> {
  const [height, width] = pictureSize(input)
  const pixels = await readPixels(picture, width, height, limitPixels)
  const count = CHANNELS * height * width
  const tensor = input.datatype === 'UINT8' ? new Uint8Array(count) : new Float32Array(count)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const mean = channelValue(input.mean, channel)
    const scale = channelValue(input.scale, channel)
    const plane = channel * height * width
    for (let pixel = 0; pixel < height * width; pixel++) {
      tensor[plane + pixel] = ((pixels[pixel * CHANNELS + channel] ?? 0) - mean) / scale
    }
  }
  return tensor
}

/** Whether a picture can be made into the model's input. */
export function takesPictures(input: Catalogue['input']): boolean {
  try {
    pictureSize(input)
    return true
  } catch {
    return false
  }
}

/** Height and width of an input [1, 3, height, width]. */
function pictureSize({ datatype, shape }: Catalogue['input']): [number, number] {
  const [batch, channels, height, width] = shape
  const takesPixels = datatype === 'FP32' || datatype === 'UINT8'
  if (takesPixels && batch === 1 && channels === CHANNELS && height && width) {
    return [height, width]
  }
  throw new ConfigError(
    `the model's input is ${datatype} [${shape.join(', ')}]: pictures need FP32 or UINT8 [1, 3, height, width]`,
  )
}

/** [height, width, channels], 0–255 */
async function readPixels(
  picture: string | Uint8Array,
  width: number,
  height: number,
  limitInputPixels = true as number | boolean,
): Promise<Uint8Array> {
  try {
    return await sharp(picture, { limitInputPixels })
      .autoOrient()
      .resize(width, height, { fit: 'cover' })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer()
  } catch (error) {
    const source = typeof picture === 'string' ? picture : `${picture.byteLength} bytes`
    if (/pixel limit/.test(messageOf(error))) {
      throw new TooLargeError(`${source}: the picture has more than ${limitInputPixels} pixels`)
    }
    throw new InvalidInputError(`${source} cannot be decoded as a picture: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function channelValue(value: number | readonly number[], channel: number): number {
  return typeof value === 'number' ? value : (value[channel] ?? 0)
}
