/** A credential file: all that one machine, person or application needs to prove who it is. Written by the authority alone. */
import { checkServerIdentity, type TlsOptions } from 'node:tls'
import { z } from 'zod'
import type { ClientTls } from '../client-tls.ts'
import { ConfigError, messageOf } from '../errors.ts'
import { readTextFile } from '../files.ts'
import { TIERS, type Tier } from '../fleet/placement.ts'
import { PERSONAL_ROLES } from './rights.ts'
import { statement } from './statement.ts'

/** Who has not said by then what they are is no client. */
const HANDSHAKE_MS = 5000

const login = z.strictObject({ name: z.string(), password: z.string() })
const pem = z.string().startsWith('-----BEGIN ')
const common = { format: z.literal(1), name: z.string(), authority: pem, until: z.iso.datetime() }

const nodeCredentials = z.strictObject({
  ...common,
  tier: z.enum(TIERS),
  /** Names and IP addresses in the certificate. */
  addresses: z.array(z.string()),
  certificate: pem,
  key: pem,
  mqtt: login,
  /** Of a cloud node: what its orchestrator logs in with at the broker. */
  orchestrator: login.optional(),
  /** Whom the fleet knew when this was written; newer ones come over the broker. */
  people: statement,
})
const personalCredentials = z.strictObject({
  ...common,
  role: z.enum(PERSONAL_ROLES),
  token: z.string(),
})

/** Of a node. */
export type NodeCredentials = z.infer<typeof nodeCredentials>
/** Of a person or an application. */
export type PersonalCredentials = z.infer<typeof personalCredentials>
/** Of anybody. */
export type Credentials = NodeCredentials | PersonalCredentials

/** @throws ConfigError naming the file, when it cannot be read, is none, or its time is over */
export async function readCredentials(file: string, nowMs: number): Promise<Credentials> {
  const schema = z.union([nodeCredentials, personalCredentials])
  // No part of the file's text may come into a message: it is made of secrets.
  const parsed = schema.safeParse(await contentOf(file)).data
  if (parsed === undefined) {
    throw new ConfigError(`${file} is no credential file: have \`tierwise access add\` write one`)
  }
  if (Date.parse(parsed.until) <= nowMs) {
    throw new ConfigError(
      `the credentials of ${parsed.name} in ${file} ended ${parsed.until}: \`tierwise access rotate ${parsed.name}\` makes new ones`,
    )
  }
  return parsed
}

async function contentOf(file: string): Promise<unknown> {
  const text = await readTextFile(file).catch((error: unknown) => {
    throw new ConfigError(`cannot read the credentials (${messageOf(error)})`, { cause: error })
  })
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether they are a node's. */
export function isOfNode(credentials: Credentials): credentials is NodeCredentials {
  return 'tier' in credentials
}

/** For a server that others may prove themselves to by certificate, or by a token later. */
export function serverTls({ authority, certificate, key }: NodeCredentials): TlsOptions {
  return {
    minVersion: 'TLSv1.3',
    handshakeTimeout: HANDSHAKE_MS,
    ca: authority,
    cert: certificate,
    key,
    requestCert: true,
    // People have none; who has shown none, or a wrong one, is told so by 401.
    rejectUnauthorized: false,
  }
}

/**
 * For a connection to a node of the fleet. It must be called as the URL says, and be no device unless `tiers` says so: who steals
 * a device's key must not be taken for an edge or the cloud.
 * @param tiers that are expected there
 */
export function clientTls(
  credentials: Credentials,
  tiers: readonly Tier[] = ['edge', 'cloud'],
): ClientTls {
  return {
    minVersion: 'TLSv1.3',
    ca: credentials.authority,
    ...(isOfNode(credentials) && { cert: credentials.certificate, key: credentials.key }),
    checkServerIdentity(host, peer) {
      const tier = [peer.subject.OU].flat()[0] ?? ''
      if (tiers.some((one) => one === tier)) return checkServerIdentity(host, peer)
      return new Error(`${peer.subject.CN} is of tier "${tier}", not ${tiers.join(' or ')}`)
    },
  }
}

/** Name and password for the broker. */
export function mqttLogin(credentials: Credentials): { username: string; password: string } {
  if (!isOfNode(credentials)) return { username: credentials.name, password: credentials.token }
  return { username: credentials.mqtt.name, password: credentials.mqtt.password }
}

/** With credentials every connection is encrypted: `http://` means `https://`, `mqtt://` `mqtts://` and `ws://` `wss://`. */
export function encryptedUrl(url: string): string {
  return url.replace(/^(http|mqtt|ws):/, '$1s:')
}
