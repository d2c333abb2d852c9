/** Answers are compressed where the client asks for it and they become shorter by it. */
import { promisify } from 'node:util'
import { constants, deflate, deflateSync, gzip, gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const LATER = { gzip: promisify(gzip), deflate: promisify(deflate) }
const AT_ONCE = { gzip: gzipSync, deflate: deflateSync }
type Coding = keyof typeof LATER
/** Compressed sooner here than by another thread. */
const SMALL_BYTES = 8192
const OPTIONS = { level: constants.Z_BEST_SPEED }

/** The coding that a client likes best of those there are, by the header `Accept-Encoding` (RFC 9110, 12.5.3); of two alike gzip. */
export function acceptedCoding(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined
  const likings = new Map(
    header.split(',').map((entry) => {
      const [coding = '', ...parameters] = entry.toLowerCase().split(';')
      const liking = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean)
      return [coding.trim(), Number(liking ?? 1)] as const
    }),
  )
  const likingOf = (coding: string) => likings.get(coding) ?? likings.get('*') ?? 0
  const [best] = (['gzip', 'deflate'] as const)
    .filter((coding) => likingOf(coding) > 0 && likingOf(coding) >= (likings.get('identity') ?? 0))
    .toSorted((one, other) => likingOf(other) - likingOf(one))
  return best
}

/** Hook `onSend` of a Fastify scope: a promise only where something is compressed. */
export function compressAnswer(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: Error | null, payload: unknown) => void,
): Promise<string | Buffer> | undefined {
  reply.header('vary', 'accept-encoding')
  const coding = acceptedCoding(headers['accept-encoding']?.toString())
  if (coding !== undefined && (typeof payload === 'string' || Buffer.isBuffer(payload))) {
    return compressed(reply, payload, coding)
  }
  done(null, payload)
  return undefined
}

async function compressed(
  reply: FastifyReply,
  payload: string | Buffer,
  coding: Coding,
): Promise<string | Buffer> {
  const bytes = Buffer.byteLength(payload)
  const shorter =
    bytes <= SMALL_BYTES ? AT_ONCE[coding](payload, OPTIONS) : await LATER[coding](payload, OPTIONS)
  if (shorter.byteLength >= bytes) return payload
  reply.header('content-encoding', coding).header('content-length', shorter.byteLength)
  return shorter
}
