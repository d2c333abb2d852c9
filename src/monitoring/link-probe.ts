/** The round trip to another node, by asking it whether it lives. */
import { median } from 'simple-statistics'
import { Pool } from 'undici'
import type { ClientTls } from '../client-tls.ts'

/** In every answer of a node: its name. */
export const NODE_HEADER = 'x-tierwise-node'

/** Measures the way to one node. */
export interface LinkProbe {
  /** What the other node calls itself; undefined until it has answered, or where it does not say. */
  readonly node: string | undefined
  /** Median round trip in ms, without the time to connect; undefined when the node does not answer. */
  measure(): Promise<number | undefined>
  close(): Promise<void>
}

/** Whom to ask, and how often. */
export interface LinkProbeOptions {
  /** Base URL of the other node's Open Inference Protocol server. */
  readonly url: string
  /** Round trips in one measurement. */
  readonly count?: number
  readonly timeoutMs?: number
  readonly tls?: ClientTls
  /** Milliseconds, never going backwards. */
  readonly nowMs?: () => number
}

/** Opens no connection before the first measurement. */
export function startLinkProbe(options: LinkProbeOptions): LinkProbe {
  const { url, count = 3, timeoutMs = 1000, nowMs = () => performance.now(), tls } = options
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: 1, connect: { ...tls, timeout: timeoutMs } })
  const path = `${pathname.replace(/\/$/, '')}/v2/health/live`

  let node: string | undefined

  async function roundTripMs(): Promise<number> {
    const sentMs = nowMs()
    const { body, headers } = await pool.request({
      path,
      method: 'GET',
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const receivedMs = nowMs()
    await body.dump()
    const name = headers[NODE_HEADER]
    if (typeof name === 'string') node = name
    return receivedMs - sentMs
  }

  return {
    get node() {
      return node
    },
    async measure() {
      const timesMs: number[] = []
      try {
        await roundTripMs() // opens the connection
        while (timesMs.length < count) timesMs.push(await roundTripMs())
      } catch {
        return undefined
      }
      return median(timesMs)
    },
    close: () => pool.destroy(),
  }
}
