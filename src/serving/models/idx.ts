/**
 * IDX files: the format of MNIST and its kin. A header tells the type of the elements and the sizes, big-endian; the elements
 * follow. Often compressed by gzip.
 */
import { promisify } from 'node:util'
import { gunzip, type ZlibOptions } from 'node:zlib'
import { ConfigError, messageOf } from '../../errors.ts'
import { readRegularFile } from '../../files.ts'
import type { GreyPicture } from './picture.ts'

/** Bytes in as many dimensions as there are sizes. */
export interface IdxArray {
  readonly sizes: readonly number[]
  /** Row-major. */
  readonly data: Uint8Array
}

/** The only type of elements that pictures and labels come in. */
export const UNSIGNED_BYTES = 0x08
/** Compressed or not: all is kept in memory. */
const MAX_BYTES = 1024 ** 3

/** Grey pictures of one size. @throws ConfigError for a file that is missing, cut off or none of pictures */
export async function readIdxPictures(file: string): Promise<GreyPicture[]> {
  const { sizes, data } = await readIdx(file, 3)
  const [count = 0, height = 0, width = 0] = sizes
  const size = height * width
  return Array.from({ length: count }, (_, index) => {
    return { height, width, pixels: data.subarray(index * size, (index + 1) * size) }
  })
}

/** Classes, by picture. @throws ConfigError for a file that is missing, cut off or none of labels */
export async function readIdxLabels(file: string): Promise<Uint8Array> {
  return (await readIdx(file, 1)).data
}

async function readIdx(file: string, dimensions: number): Promise<IdxArray> {
  try {
    const array = parseIdx(await uncompressed(await readRegularFile(file, MAX_BYTES)))
    if (array.sizes.length === dimensions) return array
    throw new RangeError(`it has ${array.sizes.length} dimensions, not ${dimensions}`)
  } catch (error) {
    throw new ConfigError(`${file} cannot be read as an IDX file: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

const inflate = promisify<Buffer, ZlibOptions, Buffer>(gunzip)

async function uncompressed(file: Buffer): Promise<Uint8Array> {
  const isCompressed = file[0] === 0x1f && file[1] === 0x8b
  const { buffer, byteOffset, length } = isCompressed
    ? await inflate(file, { maxOutputLength: MAX_BYTES })
    : file
  return new Uint8Array(buffer, byteOffset, length)
}

/** @throws RangeError for bytes that are no IDX file of unsigned bytes, or of another length than its header says */
export function parseIdx(bytes: Uint8Array): IdxArray {
  const [zero, none, type, dimensions = 0] = bytes
  if (zero !== 0 || none !== 0 || type !== UNSIGNED_BYTES || bytes.length < 4 + 4 * dimensions) {
    throw new RangeError('it does not begin as an IDX file of unsigned bytes does')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const sizes = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index))
  const data = bytes.subarray(4 + 4 * dimensions)
  const expected = sizes.reduce((product, size) => product * size, 1)
  if (data.length !== expected) {
    throw new RangeError(`it holds ${data.length} bytes where [${sizes}] are ${expected}`)
  }
  return { sizes, data }
}
