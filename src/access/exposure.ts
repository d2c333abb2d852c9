/** Nobody is let in from other machines by mistake: only with credentials, or when asked for aloud. */
import { isIP } from 'node:net'
import type { Logger } from 'pino'
import { ConfigError } from '../errors.ts'
import type { Tier } from '../fleet/placement.ts'

/** Where a node is to listen, and what stands in the way of strangers. */
export interface Exposure {
  readonly host: string
  readonly name: string
  readonly tier: Tier
  readonly hasCredentials: boolean
  readonly insecure: boolean
}

const WARN_MS = 60_000

/** Whether an address is of this machine alone. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === '::1' || host === 'localhost' || host.startsWith('::ffff:127.')
}

/** @throws ConfigError with the commands that mend it, for a node that would be open to other machines */
export function refuseExposure({ host, name, tier, hasCredentials, insecure }: Exposure): void {
  if (isLoopback(host) || hasCredentials || insecure) return
  throw new ConfigError(
    `listening on ${host} without credentials would let every other machine change the goal, forge decisions and read everything. Make credentials and give them to the node:
  tierwise access init fleet
  tierwise access add ${name} --tier ${tier} --authority fleet
then start it with --credentials fleet/${name}.credentials; or let everybody in by --insecure`,
  )
}

/** Says once a minute, and at once, that everybody may everything. @returns a function that ends it */
export function warnOfExposure(exposure: Exposure, logger: Logger): () => void {
  const { hasCredentials, host, insecure } = exposure
  if (hasCredentials || !insecure || isLoopback(host)) return () => {}
  const warn = () =>
    logger.warn(`INSECURE: whoever reaches ${host} may change and read everything (--insecure)`)
  warn()
  const timer = setInterval(warn, WARN_MS)
  timer.unref()
  return () => clearInterval(timer)
}
