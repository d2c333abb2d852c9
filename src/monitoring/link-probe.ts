/** The round trip to another node, by asking it whether it lives. */
import { median } from 'simple-statistics'
import { Pool } from 'undici'

/** Measures the way to one node. */
export interface LinkProbe {
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
  /** Milliseconds, never going backwards. */
  readonly nowMs?: () => number
}

/** Opens no connection before the first measurement. */
export function startLinkProbe(options: LinkProbeOptions): LinkProbe {
  const { url, count = 3, timeoutMs = 1000, nowMs = () => performance.now() } = options
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: 1, connect: { timeout: timeoutMs } })
  const path = `${pathname.replace(/\/$/, '')}/v2/health/live`

  async function roundTripMs(): Promise<number> {
    const sentMs = nowMs()
    const { body } = await pool.request({
      path,
      method: 'GET',
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const receivedMs = nowMs()
    await body.dump()
    return receivedMs - sentMs
  }

  return {
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
