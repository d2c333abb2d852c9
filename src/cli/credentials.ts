/** What credentials mean for the commands: for a node who it is, for a client how it connects. */

import type { Logger } from 'pino'
import {
  clientTls,
  encryptedUrl,
  isOfNode,
  mqttLogin,
  readCredentials,
} from '../access/credentials.ts'
import { type NodeAccess, openNodeAccess } from '../access/node-access.ts'
import type { Role } from '../access/rights.ts'
import type { ClientTls } from '../client-tls.ts'
import { ConfigError } from '../errors.ts'
import { TIERS } from '../fleet/placement.ts'
import type { Implied } from './settings/load.ts'
import type { NodeSettings } from './settings/node.ts'

/** A node's credentials say its tier and its name. */
export const impliedByCredentials: Implied = async ({ credentials: file }) => {
  if (typeof file !== 'string') return { values: {}, origin: '' }
  const credentials = await readCredentials(file, Date.now())
  const values = isOfNode(credentials) && { tier: credentials.tier, name: credentials.name }
  return { values: values || {}, origin: file }
}

/** @throws ConfigError for credentials that cannot be used, or that are of another node */
export async function accessOf(
  { credentials: file, name, tier }: NodeSettings,
  logger: Logger,
): Promise<NodeAccess | undefined> {
  if (file === undefined) return undefined
  const access = await openNodeAccess(file, logger)
  const { credentials } = access
  if (credentials.name === name && credentials.tier === tier) return access
  throw new ConfigError(
    `${file} is of ${credentials.name} (${credentials.tier}), not of ${name} (${tier}): leave --name and --tier out, or give the node its own`,
  )
}

/** How a client connects. */
export interface ClientAccess {
  /** A URL as it is used: encrypted, where there are credentials. */
  url(url: string): string
  readonly tls?: ClientTls
  /** For requests. */
  readonly token?: string
  /** For the broker. */
  readonly username?: string
  readonly password?: string
  readonly role?: Role
}

/** @param file of a person or an application; absent: as without an authority */
export async function clientAccess(file: string | undefined): Promise<ClientAccess> {
  if (file === undefined) return { url: (url) => url }
  const credentials = await readCredentials(file, Date.now())
  if (isOfNode(credentials)) {
    throw new ConfigError(
      `${file} is of the node ${credentials.name}: \`tierwise access add NAME --role operator\` makes credentials for people`,
    )
  }
  const { role, token } = credentials
  const tls = clientTls(credentials, TIERS)
  return { url: encryptedUrl, tls, token, role, ...mqttLogin(credentials) }
}
