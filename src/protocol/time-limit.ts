/**
 * Bounds what is done for somebody: `signal` is aborted when they go away, or when the time is over. `AbortSignal.any` and
 * `AbortSignal.timeout` do the same, but their timers run on after the work is done, thousands at a time under load.
 */
export class TimeLimit {
  readonly ms: number
  private readonly controller = new AbortController()
  private readonly outer: AbortSignal | undefined
  private readonly timer: NodeJS.Timeout
  /** The time was over before the work. */
  isOver = false

  /** @param outer theirs; absent: they stay. @param ms from now; no more than a month */
  constructor(outer: AbortSignal | undefined, ms: number) {
    this.ms = ms
    this.outer = outer
    if (outer?.aborted) this.follow()
    outer?.addEventListener('abort', this.follow, { once: true })
    this.timer = setTimeout(() => {
      this.isOver = true
      this.controller.abort()
    }, Math.ceil(ms))
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** The work is done. */
  end(): void {
    clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.follow)
  }

  private readonly follow = () => this.controller.abort(this.outer?.reason)
}
