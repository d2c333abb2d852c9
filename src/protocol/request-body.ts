/** Reads a request's body into one buffer, bounded, so that binary tensors can be used in place. */
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { InvalidInputError, messageOf, TierwiseError, TooLargeError } from '../errors.ts'
import type { WireBody } from './messages.ts'

/** Length in bytes of the JSON part of a body with binary tensors. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length'

const decompressors = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const

// The largest element is 8 bytes: binary data that begins at a multiple of 8 can be viewed as any typed array.
const ALIGNMENT = 8

/**
 * The body, decompressed, with its binary part aligned when the length is known beforehand.
 * @throws TooLargeError over `limitBytes`, compressed or not; InvalidInputError for a body that ends early
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<WireBody> {
  const jsonLength = parseJsonLength(request.headers[JSON_LENGTH_HEADER])
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const received = await receive(request, limitBytes, jsonLength ?? 0)
  const body = encoding === 'identity' ? received : await decompress(received, encoding, limitBytes)
  return jsonLength === undefined ? { body } : { body, jsonLength }
}

/** @throws InvalidInputError when the header is not a byte count */
export function parseJsonLength(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header)
  throw new InvalidInputError(`Inference-Header-Content-Length "${header}" is not a byte count`)
}

function receive(request: IncomingMessage, limitBytes: number, jsonLength: number) {
  const declared = request.headers['content-length']
  return declared === undefined
    ? receiveChunked(request, limitBytes)
    : receiveSized(request, Number(declared), limitBytes, jsonLength)
}

/** One allocation, each chunk copied once to where it stays. */
async function receiveSized(
  request: IncomingMessage,
  length: number,
  limitBytes: number,
  jsonLength: number,
): Promise<Uint8Array> {
  if (length > limitBytes) throw tooLarge(limitBytes)
  const padding = (ALIGNMENT - (jsonLength % ALIGNMENT)) % ALIGNMENT
  const body = Buffer.allocUnsafeSlow(padding + length).subarray(padding)
  let received = 0
  await consume(request, (chunk) => {
    body.set(chunk, received)
    received += chunk.byteLength
  })
  return body
}

async function receiveChunked(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let received = 0
  await consume(request, (chunk) => {
    received += chunk.byteLength
    if (received > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  })
  return Buffer.concat(chunks)
}

/** Calls `take` for every chunk; faster than the stream's async iterator. */
function consume(request: IncomingMessage, take: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Uint8Array) => {
      try {
        take(chunk)
      } catch (error) {
        request.removeAllListeners('data').resume()
        reject(error)
      }
    })
    request.on('end', resolve)
    request.on('error', (cause) =>
      reject(new InvalidInputError(`the body ended early: ${cause.message}`, { cause })),
    )
  })
}

async function decompress(body: Uint8Array, encoding: string, limitBytes: number) {
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw new TierwiseError(
      `content encoding "${encoding}" is not supported: send gzip, deflate or none`,
      'unsupported-encoding',
      415,
    )
  }
  try {
    return await decompressors[encoding](body, { maxOutputLength: limitBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(limitBytes)
    throw new InvalidInputError(`the ${encoding} body is corrupt: ${messageOf(cause)}`, { cause })
  }
}

function tooLarge(limitBytes: number): TooLargeError {
  return new TooLargeError(`the body is over the limit of ${limitBytes} bytes`)
}
