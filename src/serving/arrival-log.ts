/** When the latest requests with a deadline came: to simulate a node's own load, and to train a policy on it. */
import { median } from 'simple-statistics'

/** Requests that are kept: of a busy hour at five a second, or of a burst. */
const LIMIT = 20_000

interface Arrival {
  readonly atMs: number
  readonly deadlineMs: number
  readonly priority: number
}

/** Bounded: the oldest are overwritten. */
export class ArrivalLog {
  /** Noted so far, those overwritten too. */
  total = 0
  private readonly limit: number
  private readonly kept: Arrival[] = []
  private next = 0

  constructor(limit = LIMIT) {
    this.limit = limit
  }

  /** @param atMs ascending. @param deadlineMs from then; of a request without one, nothing is kept */
  note(atMs: number, deadlineMs: number, priority: number): void {
    if (deadlineMs === Infinity) return
    this.total += 1
    this.kept[this.next] = { atMs, deadlineMs, priority }
    this.next = (this.next + 1) % this.limit
  }

  /** When they came, ascending, and how long most of them could wait. */
  latest(): { readonly arrivalsMs: Float64Array; readonly usualDeadlineMs: number } {
    const inOrder = this.inOrder()
    const arrivalsMs = Float64Array.from(inOrder, ({ atMs }) => atMs)
    const deadlinesMs = inOrder.map(({ deadlineMs }) => deadlineMs)
    return { arrivalsMs, usualDeadlineMs: median(deadlinesMs) }
  }

  /**
   * A trace as `tierwise schedule` reads it, from 0 on: one request a line, its arrival in seconds, its deadline in ms, its
   * priority.
   */
  trace(): string {
    const inOrder = this.inOrder()
    const startMs = inOrder[0]?.atMs ?? 0
    const lines = inOrder.map(({ atMs, deadlineMs, priority }) => {
      return `${((atMs - startMs) / 1000).toFixed(6)} ${deadlineMs.toFixed(3)} ${priority}\n`
    })
    return lines.join('')
  }

  private inOrder(): readonly Arrival[] {
    const { kept, next, limit } = this
    return kept.length < limit ? kept : [...kept.slice(next), ...kept.slice(0, next)]
  }
}
