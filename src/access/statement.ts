/** What the authority says, signed: nodes pass it on to each other, and none can change it. */
import { sign, verify, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { PERSONAL_ROLES } from './rights.ts'

const name = z.string().min(1).max(160)
const timeMs = z.int().min(0)
const secrets = z.array(z.object({ hash: z.string().length(43), untilMs: timeMs })).max(8)
const revision = z.int().min(0)

/** A text and the authority's signature of it (ECDSA, SHA-256, DER), base64. */
export const statement = z.object({
  body: z.string().max(8_000_000),
  signature: z.string().max(400),
})
/** As it travels and lies in files. */
export type Statement = z.infer<typeof statement>

/** Everybody with a token, and the certificates that hold no more. Small: it goes to every node. */
export const people = z.object({
  kind: z.literal('people'),
  /** The higher one is the newer. */
  revision,
  people: z.array(z.object({ name, role: z.enum(PERSONAL_ROLES), secrets })),
  revoked: z.array(z.object({ serial: z.string().max(64), fromMs: timeMs })),
})
/** Nodes' passwords at the broker, hashed. Only the broker needs it. */
export const logins = z.object({
  kind: z.literal('logins'),
  revision,
  logins: z.array(z.object({ name, role: z.enum(['node', 'orchestrator']), secrets })),
})
/** Whom the fleet knows by token. */
export type People = z.infer<typeof people>
/** Whom the broker knows by password. */
export type Logins = z.infer<typeof logins>

/** @param key of the authority, PEM */
export function signed(content: People | Logins, key: string): Statement {
  const body = JSON.stringify(content)
  return { body, signature: sign('sha256', Buffer.from(body), key).toString('base64') }
}

/**
 * What a statement says.
 * @param authority its certificate, PEM
 * @returns undefined for what the authority has not signed, or is of another kind
 */
export function verified<Content>(
  { body, signature }: Statement,
  schema: z.ZodType<Content>,
  authority: string,
): Content | undefined {
  const { publicKey } = new X509Certificate(authority)
  const isGenuine = verify('sha256', Buffer.from(body), publicKey, Buffer.from(signature, 'base64'))
  if (!isGenuine) return undefined
  try {
    return schema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
