/** What may happen at any rate is logged now and then. */
import type { Clock } from '../clock.ts'

const INTERVAL_MS = 60_000
/** Keys remembered; of more, those said longest ago are forgotten. */
const MAX_KEYS = 1000

/** Says when a log line of a key is due: once a minute at most. */
export class Seldom {
  private readonly clock: Pick<Clock, 'nowMs'>
  private readonly saidAtMs = new Map<string, number>()

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.clock = clock
  }

  /** @returns whether to say it now; then not again for a minute */
  isDue(key: string): boolean {
    const nowMs = this.clock.nowMs()
    const saidAtMs = this.saidAtMs.get(key)
    if (saidAtMs !== undefined && nowMs - saidAtMs < INTERVAL_MS) return false
    this.saidAtMs.delete(key)
    this.saidAtMs.set(key, nowMs)
    for (const oldest of this.saidAtMs.keys()) {
      if (this.saidAtMs.size <= MAX_KEYS) break
      this.saidAtMs.delete(oldest)
    }
    return true
  }
}
