/** Where a cloud node keeps what outlives its process. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { NodeSettings } from './settings/node.ts'

/**
 * Of a fleet, which its broker tells from others. Undefined where the broker takes any free port: nobody finds such a fleet again.
 * @param environment for `XDG_STATE_HOME`
 */
export function stateFolder(
  {
    name,
    state,
    broker,
    brokerPort,
  }: Pick<NodeSettings, 'name' | 'state' | 'broker' | 'brokerPort'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (state !== undefined) return state
  if (broker === undefined && brokerPort === 0) return undefined
  const place = broker === undefined ? String(brokerPort) : placeOf(broker)
  const { XDG_STATE_HOME = join(homedir(), '.local', 'state') } = environment
  return join(XDG_STATE_HOME, 'tierwise', `${name}-${place}`)
}

/** Host and port, without what a folder cannot be called. */
function placeOf(broker: string): string {
  return new URL(broker).host.replace(/[^\w.-]/g, '-')
}
