/** All that a node needs to prove who it is, and to tell who others are. */
import type { Logger } from 'pino'
import { ConfigError } from '../errors.ts'
import { isOfNode, type NodeCredentials, readCredentials } from './credentials.ts'
import { Gate } from './gate.ts'
import { Roster } from './roster.ts'

/** Of one node of a fleet that has an authority. */
export interface NodeAccess {
  readonly credentials: NodeCredentials
  readonly roster: Roster
  readonly gate: Gate
}

/**
 * Reads a node's credentials and whom the fleet knows, and goes on watching the latter.
 * @param wallMs ms since 1970
 * @throws ConfigError for a file that is not a node's credentials, or whose time is over
 */
export async function openNodeAccess(
  file: string,
  logger: Logger,
  wallMs: () => number = Date.now,
): Promise<NodeAccess> {
  const credentials = await readCredentials(file, wallMs())
  if (!isOfNode(credentials)) {
    throw new ConfigError(
      `${file} is of ${credentials.role} ${credentials.name}, not of a node: \`tierwise access add NAME --tier …\``,
    )
  }
  const roster = new Roster(credentials, file, logger)
  await roster.watch()
  return { credentials, roster, gate: new Gate(roster, wallMs) }
}
