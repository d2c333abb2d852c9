/** Reads a request's body into one buffer, bounded, so that binary tensors can be used in place. */
import type { IncomingMessage } from 'node:http'
import { createGunzip, createInflate } from 'node:zlib'
import { InvalidInputError, messageOf, TierwiseError, TooLargeError } from '../errors.ts'
import type { WireBody } from './messages.ts'
import { ALIGNMENT } from './tensor-codec.ts'

/** Length in bytes of the JSON part of a body with binary tensors. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length'

const inflaters = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate } as const

/** A longer body is given its memory as it comes: what is only announced costs nothing. */
const AT_ONCE_BYTES = 2 ** 20

/** What one body may take. */
export interface BodyBounds {
  /** Compressed or not. */
  readonly limitBytes: number
  readonly timeoutMs: number
  /** Told of every byte that is kept. @throws where there are too many, of all requests together */
  readonly take: (bytes: number) => void
}

/**
 * The body, decompressed, with its binary part aligned when the length is known beforehand.
 * @throws TooLargeError over `limitBytes`, compressed or not; InvalidInputError for a body that ends early; TierwiseError of
 *   status 408 for one that takes too long
 */
export async function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<WireBody> {
  const jsonLength = parseJsonLength(request.headers[JSON_LENGTH_HEADER])
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() || 'identity'
  const received = await receive(request, bounds, jsonLength ?? 0)
  const body = encoding === 'identity' ? received : await decompress(received, encoding, bounds)
  return jsonLength === undefined ? { body } : { body, jsonLength }
}

/** @throws InvalidInputError when the header is not a byte count */
export function parseJsonLength(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header)
  throw new InvalidInputError(`Inference-Header-Content-Length "${header}" is not a byte count`)
}

function receive(request: IncomingMessage, bounds: BodyBounds, jsonLength: number) {
  const declared = request.headers['content-length']
  return declared === undefined
    ? receiveChunked(request, bounds)
    : receiveSized(request, Number(declared), bounds, jsonLength)
}

/** Mostly one allocation, each chunk copied once to where it stays. */
async function receiveSized(
  request: IncomingMessage,
  length: number,
  bounds: BodyBounds,
  jsonLength: number,
): Promise<Uint8Array> {
  if (length > bounds.limitBytes) throw tooLarge(bounds.limitBytes)
  const padding = (ALIGNMENT - (jsonLength % ALIGNMENT)) % ALIGNMENT
  let memory = Buffer.allocUnsafeSlow(padding + Math.min(length, AT_ONCE_BYTES))
  let end = padding
  await consume(request, bounds, (chunk) => {
    if (end + chunk.byteLength > memory.byteLength) {
      const larger = Buffer.allocUnsafeSlow(
        padding + Math.min(length, Math.max(2 * memory.byteLength, end + chunk.byteLength)),
      )
      memory.copy(larger, 0, 0, end)
      memory = larger
    }
    memory.set(chunk, end)
    end += chunk.byteLength
  })
  return memory.subarray(padding, end)
}

async function receiveChunked(request: IncomingMessage, bounds: BodyBounds): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let received = 0
  await consume(request, bounds, (chunk) => {
    received += chunk.byteLength
    if (received > bounds.limitBytes) throw tooLarge(bounds.limitBytes)
    chunks.push(chunk)
  })
  return Buffer.concat(chunks)
}

/** Calls `keep` for every chunk; faster than the stream's async iterator. */
function consume(
  request: IncomingMessage,
  { take, timeoutMs }: BodyBounds,
  keep: (chunk: Uint8Array) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer)
      request.removeAllListeners('data').resume()
      reject(error)
    }
    const timer = setTimeout(() => fail(tooSlow(timeoutMs)), timeoutMs)
    request.on('data', (chunk: Uint8Array) => {
      try {
        take(chunk.byteLength)
        keep(chunk)
      } catch (error) {
        fail(error)
      }
    })
    request.on('end', () => {
      clearTimeout(timer)
      resolve()
    })
    request.on('error', (cause) =>
      fail(new InvalidInputError(`the body ended early: ${cause.message}`, { cause })),
    )
  })
}

/** Chunk by chunk, so that a small body which becomes a huge one is noticed as it grows. */
async function decompress(
  body: Uint8Array,
  encoding: string,
  { limitBytes, take }: BodyBounds,
): Promise<Uint8Array> {
  if (encoding !== 'gzip' && encoding !== 'x-gzip' && encoding !== 'deflate') {
    throw new TierwiseError(
      `content encoding "${encoding}" is not supported: send gzip, deflate or none`,
      'unsupported-encoding',
      415,
    )
  }
  const inflater = inflaters[encoding]()
  const chunks: Uint8Array[] = []
  let length = 0
  inflater.end(body)
  try {
    for await (const chunk of inflater as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength
      if (length > limitBytes) throw tooLarge(limitBytes)
      take(chunk.byteLength)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof TierwiseError) throw cause
    throw new InvalidInputError(`the ${encoding} body is corrupt: ${messageOf(cause)}`, { cause })
  }
  return Buffer.concat(chunks)
}

function tooSlow(timeoutMs: number): TierwiseError {
  return new TierwiseError(`the body did not come within ${timeoutMs} ms`, 'body-timeout', 408)
}

function tooLarge(limitBytes: number): TooLargeError {
  return new TooLargeError(`the body is over the limit of ${limitBytes} bytes`)
}
