import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { InvalidInputError, TierwiseError, TooLargeError } from '../errors.ts'
import { Random } from '../random.ts'
import { JSON_LENGTH_HEADER, parseJsonLength, readBody as readWithin } from './request-body.ts'

const readBody = (request: IncomingMessage, limitBytes: number, taken: number[] = []) =>
  readWithin(request, { limitBytes, timeoutMs: 1000, take: (bytes) => taken.push(bytes) })

/** A request whose body comes in these chunks. */
function requestOf(
  chunks: readonly Uint8Array[],
  headers: Record<string, string> = {},
): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  Object.assign(request.headers, headers)
  for (const chunk of chunks) request.push(chunk)
  request.push(null)
  return request
}

function sized(body: Uint8Array, headers: Record<string, string> = {}): IncomingMessage {
  return requestOf([body], { 'content-length': String(body.byteLength), ...headers })
}

const text = Buffer.from('{"inputs":[]}')

describe('a body', () => {
  it('is put together as it was sent, sized or not, however it is cut (fuzz)', async () => {
    const random = new Random(1)
    for (let round = 0; round < 100; round++) {
      const body = Buffer.from(
        Array.from({ length: random.integer(200) }, () => random.integer(256)),
      )
      const chunks: Buffer[] = []
      for (let start = 0; start < body.length; ) {
        const end = start + 1 + random.integer(50)
        chunks.push(body.subarray(start, end))
        start = end
      }
      const headers = round % 2 === 0 ? { 'content-length': String(body.length) } : {}
      const received = await readBody(requestOf(chunks, headers), 200)
      expect(Buffer.from(received.body).equals(body)).toBe(true)
      expect(received.jsonLength).toBeUndefined()
    }
  })

  it('has its binary part at a multiple of eight in memory, whatever the length of its JSON', async () => {
    for (let jsonLength = 0; jsonLength <= 16; jsonLength++) {
      const body = new Uint8Array(32)
      const headers = { [JSON_LENGTH_HEADER]: String(jsonLength) }
      const received = await readBody(sized(body, headers), 100)
      expect(received.jsonLength).toBe(jsonLength)
      expect((received.body.byteOffset + jsonLength) % 8).toBe(0)
    }
  })

  it('may be empty', async () => {
    expect(await readBody(requestOf([]), 10)).toEqual({ body: Buffer.alloc(0) })
    expect((await readBody(sized(new Uint8Array(0)), 10)).body).toHaveLength(0)
  })

  it('is decompressed, and only by what is known', async () => {
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['x-gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['identity', text],
      ['', text],
    ] as const) {
      const { body: read } = await readBody(sized(body, { 'content-encoding': encoding }), 1000)
      expect(Buffer.from(read).toString()).toBe(text.toString())
    }
    const unknown = readBody(sized(text, { 'content-encoding': 'br' }), 1000)
    await expect(unknown).rejects.toMatchObject({ status: 415, code: 'unsupported-encoding' })
    await expect(unknown).rejects.toThrow('content encoding "br" is not supported')
  })
})

describe('the limit of a body', () => {
  it('is exact, of a sized and of a chunked one', async () => {
    const halves = [text.subarray(0, 5), text.subarray(5)]
    for (const request of [() => sized(text), () => requestOf(halves)]) {
      expect((await readBody(request(), text.length)).body).toHaveLength(text.length)
      await expect(readBody(request(), text.length - 1)).rejects.toThrow(TooLargeError)
    }
  })

  it('is kept before anything is received where the length is told', async () => {
    const request = requestOf([], { 'content-length': '1000000000000' })
    await expect(readBody(request, 10)).rejects.toThrow('over the limit of 10 bytes')
  })

  it('holds of what comes out of a compressed body', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000))
    const read = (limit: number) => readBody(sized(bomb, { 'content-encoding': 'gzip' }), limit)
    expect(bomb.length).toBeLessThan(1000)
    await expect(read(99_999)).rejects.toThrow(TooLargeError)
    expect((await read(100_000)).body).toHaveLength(100_000)
  })
})

describe('the memory of a body', () => {
  it('is counted as it comes, and once more as it is inflated', async () => {
    const taken: number[] = []
    const body = gzipSync(Buffer.alloc(100_000))
    await readBody(sized(body, { 'content-encoding': 'gzip' }), 100_000, taken)
    expect(taken[0]).toBe(body.length)
    expect(taken.slice(1).reduce((sum, bytes) => sum + bytes, 0)).toBe(100_000)
  })

  it('grows with what comes of a large one, whatever its pieces', async () => {
    const random = new Random(2)
    const body = Buffer.from(Array.from({ length: 3 * 2 ** 20 + 5 }, (_, at) => at & 0xff))
    const chunks: Buffer[] = []
    for (let start = 0; start < body.length; ) {
      const end = start + 1 + random.integer(500_000)
      chunks.push(body.subarray(start, end))
      start = end
    }
    const headers = { 'content-length': String(body.length), [JSON_LENGTH_HEADER]: '3' }
    const read = await readBody(requestOf(chunks, headers), body.length)
    expect(Buffer.from(read.body).equals(body)).toBe(true)
    expect((read.body.byteOffset + 3) % 8).toBe(0)
  })
})

describe('a broken body', () => {
  it('is refused where it does not come in time', async () => {
    const stalled = new IncomingMessage(new Socket())
    stalled.push(Buffer.from('{'))
    const bounds = { limitBytes: 100, timeoutMs: 20, take: () => {} }
    await expect(readWithin(stalled, bounds)).rejects.toMatchObject({
      status: 408,
      message: 'the body did not come within 20 ms',
    })
  })

  it('is refused where it ends early', async () => {
    const request = new IncomingMessage(new Socket())
    const read = readBody(request, 100)
    request.destroy(new Error('aborted'))
    await expect(read).rejects.toThrow(InvalidInputError)
    await expect(read).rejects.toThrow('the body ended early: aborted')
  })

  it.each(['gzip', 'deflate'])(
    'is refused where it is not %s at all, or cut off',
    async (encoding) => {
      const whole = encoding === 'gzip' ? gzipSync(text) : deflateSync(text)
      for (const body of [text, whole.subarray(0, -5)]) {
        const read = readBody(sized(body, { 'content-encoding': encoding }), 1000)
        await expect(read).rejects.toThrow(`the ${encoding} body is corrupt`)
        await expect(read).rejects.toThrow(TierwiseError)
      }
    },
  )
})

describe('the length of the JSON part', () => {
  it('is a count of bytes', () => {
    expect(parseJsonLength(undefined)).toBeUndefined()
    expect(parseJsonLength('0')).toBe(0)
    expect(parseJsonLength('120')).toBe(120)
  })

  it.each(['', '-1', '1.5', '1e3', ' 1', '0x1', '9'.repeat(16)])('is never "%s"', (header) => {
    expect(() => parseJsonLength(header)).toThrow(`Content-Length "${header}" is not a byte count`)
  })

  it('is not given twice', () => {
    expect(() => parseJsonLength(['1', '2'])).toThrow(InvalidInputError)
  })
})
