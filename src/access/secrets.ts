/**
 * Tokens and passwords. Both are `NAME~SECRET` with 256 random bits, so they cannot be guessed and SHA-256 keeps them as safe as
 * a slow hash would: scrypt is for words that people choose, and would add 50 ms to every request.
 */
import { createHash, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32
/** Stands in names of neither nodes nor people, and may stand in a bearer token (RFC 6750). */
const SEPARATOR = '~'

/** A new token or password of an identity. */
export function newSecret(name: string): string {
  return `${name}${SEPARATOR}${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** What is stored of a secret: SHA-256, base64url, 43 characters. */
export function hashOf(secret: string): string {
  return digest(secret).toString('base64url')
}

/** The same as mosquitto 2 takes it in its password file: PBKDF2 with SHA-512, at the number of rounds that it uses itself. */
export function mosquittoHashOf(secret: string): string {
  const [rounds, salt] = [101, randomBytes(12)]
  const key = pbkdf2Sync(secret, salt, rounds, 64, 'sha512')
  return `$7$${rounds}$${salt.toString('base64')}$${key.toString('base64')}`
}

/** Whose secret it says it is; undefined for what is none. */
export function ownerOf(secret: string): string | undefined {
  const end = secret.lastIndexOf(SEPARATOR)
  return end > 0 ? secret.slice(0, end) : undefined
}

/** Whether a secret is one of those stored, in a time that does not tell how much of it is right. */
export function isOneOf(secret: string, hashes: readonly string[]): boolean {
  const given = digest(secret)
  let found = false
  for (const hash of hashes) {
    const stored = Buffer.from(hash, 'base64url')
    const equal = stored.length === given.length && timingSafeEqual(stored, given)
    found = equal || found
  }
  return found
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
