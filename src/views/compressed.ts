/** JSON answers that many may ask for at once: made once for all of them, and compressed for those who take it. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { acceptedCoding } from '../protocol/answer-encoding.ts'

const compress = promisify(gzip)
/** Smaller answers gain nothing. */
const WORTH_BYTES = 1024
/** Fast: the same processor serves requests. */
const LEVEL = 1

interface Made {
  readonly atMs: number
  readonly body: Promise<{ readonly plain: string; readonly zipped: Buffer | undefined }>
}

/** One kind of answer, as fresh as `maxAgeMs`, whoever asks and however often. */
export class SharedAnswer {
  private readonly make: () => Promise<unknown>
  private readonly maxAgeMs: number
  private made: Made | undefined

  constructor(make: () => Promise<unknown>, maxAgeMs: number) {
    this.make = make
    this.maxAgeMs = maxAgeMs
  }

  /** What was made is true no more. */
  renew(): void {
    this.made = undefined
  }

  async send({ headers }: FastifyRequest, reply: FastifyReply): Promise<string | Buffer> {
    const nowMs = performance.now()
    if (this.made === undefined || nowMs - this.made.atMs > this.maxAgeMs) {
      this.made = { atMs: nowMs, body: this.make().then(bodyOf) }
    }
    const { plain, zipped } = await this.made.body
    reply.header('content-type', 'application/json; charset=utf-8')
    reply.header('cache-control', 'no-store').header('vary', 'accept-encoding')
    const coding = acceptedCoding(headers['accept-encoding']?.toString())
    if (zipped === undefined || coding !== 'gzip') return plain
    reply.header('content-encoding', 'gzip')
    return zipped
  }
}

async function bodyOf(value: unknown) {
  const plain = JSON.stringify(value)
  const isWorth = Buffer.byteLength(plain) >= WORTH_BYTES
  return { plain, zipped: isWorth ? await compress(plain, { level: LEVEL }) : undefined }
}
