/** Which nodes came and went: one line in the log for each, and what metrics tell of them. */
import type { Logger } from 'pino'
import type { Telemetry } from '../control/telemetry-message.ts'
import type { Tier } from '../fleet/placement.ts'

/** Nodes that died and did not come back are remembered up to so many, the newest. */
const MAX_DOWN = 256

/** A node by name. */
export interface KnownNode {
  readonly tier: Tier
  readonly isUp: boolean
}

/** The nodes that live, and those that died and have not come back; who said goodbye is forgotten. */
export class NodeLog {
  readonly known = new Map<string, KnownNode>()
  private readonly logger: Pick<Logger, 'info' | 'warn'>

  constructor(logger: Pick<Logger, 'info' | 'warn'>) {
    this.logger = logger
  }

  heard(telemetry: Telemetry): void {
    const { node, tier } = telemetry
    const isUp = this.known.get(node)?.isUp === true
    if (telemetry.alive) {
      if (isUp) return
      this.known.set(node, { tier, isUp: true })
      this.logger.info({ node, tier, url: telemetry.url }, 'node up')
    } else if (telemetry.stopped) {
      if (!this.known.delete(node)) return
      this.logger.info({ node, tier }, 'node stopped')
    } else if (isUp) {
      this.died(node, 'its connection ended without a goodbye')
    }
  }

  /** Nothing was heard of it for so long that it counts as dead. */
  silent(node: string, afterMs: number): void {
    this.died(node, `nothing heard for ${afterMs} ms: taken for dead`)
  }

  private died(node: string, reason: string): void {
    const { tier } = this.known.get(node) ?? {}
    if (tier === undefined) return
    this.logger.warn({ node, tier, reason }, 'node down')
    // Behind those that died before.
    this.known.delete(node)
    this.known.set(node, { tier, isUp: false })
    const down = [...this.known].filter(([, { isUp }]) => !isUp)
    for (const [oldest] of down.slice(0, -MAX_DOWN)) this.known.delete(oldest)
  }
}
