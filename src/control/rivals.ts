import type { Logger } from 'pino'

/** Between attempts to reconnect, as long as nothing is odd. */
export const RECONNECT_PERIOD_MS = 500
const LONGEST_PERIOD_MS = 60_000
/** A connection that ends sooner was hardly lost by chance. */
const SHORT_MS = 5000
/** So many short ones in a row are no chance. */
const SUSPICIOUS = 3
/** One that holds for so long shows that the rival has gone. */
const LONG_MS = 300_000

/**
 * Notices another client of one's own name: a broker gives each of the two the other's place, again and again. Says so once,
 * and makes way for longer each time, so that neither broker nor log is kept busy.
 */
export class Rivals {
  private readonly name: string
  private readonly address: string
  private readonly logger: Pick<Logger, 'error'>
  private sinceMs: number | undefined
  private short = 0
  private periodMs = RECONNECT_PERIOD_MS
  private said = false

  /** @param name of this client. @param address of the broker, for the log */
  constructor(name: string, address: string, logger: Pick<Logger, 'error'>) {
    this.name = name
    this.address = address
    this.logger = logger
  }

  connected(nowMs: number): void {
    this.sinceMs = nowMs
  }

  /** @returns how long to wait before the next attempt, ms */
  closed(nowMs: number): number {
    if (this.sinceMs === undefined) return this.periodMs // an attempt that failed
    const lastedMs = nowMs - this.sinceMs
    this.sinceMs = undefined
    if (lastedMs >= LONG_MS) this.periodMs = RECONNECT_PERIOD_MS
    if (lastedMs >= Math.max(SHORT_MS, 2 * this.periodMs)) this.short = 0
    else this.short += 1
    if (this.short < SUSPICIOUS) return this.periodMs
    this.periodMs = Math.min(2 * this.periodMs, LONGEST_PERIOD_MS)
    if (!this.said) this.say()
    return this.periodMs
  }

  private say(): void {
    this.said = true
    this.logger.error(
      { clientId: this.name },
      `the broker at ${this.address} ended ${this.short} connections of "${this.name}" within seconds: another node of that name takes its place; give each its own (--name)`,
    )
  }
}
