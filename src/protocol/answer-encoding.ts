/** Answers are compressed where the client asks for it and they are large enough to gain by it. */
import { promisify } from 'node:util'
import { constants, deflate, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const CODINGS = { gzip: promisify(gzip), deflate: promisify(deflate) }
type Coding = keyof typeof CODINGS
/** A packet or so: a shorter answer is not sooner there. */
const LEAST_BYTES = 1024

/** The coding that a client likes best of those there are, by the header `Accept-Encoding` (RFC 9110, 12.5.3); of two alike gzip. */
export function acceptedCoding(header: string | undefined): Coding | undefined {
  const likings = new Map(
    (header ?? '').split(',').map((entry) => {
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

/** Hook `onSend` of a Fastify scope. */
export async function compressAnswer(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  reply.header('vary', 'accept-encoding')
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload
  if (Buffer.byteLength(payload) < LEAST_BYTES) return payload
  const coding = acceptedCoding(headers['accept-encoding']?.toString())
  if (coding === undefined) return payload
  const compressed = await CODINGS[coding](payload, { level: constants.Z_BEST_SPEED })
  reply.header('content-encoding', coding).header('content-length', compressed.byteLength)
  return compressed
}
