const firstProbeAfterMs = 100
const longestProbeGapMs = 2000

/**
 * Whether a tier above this node may be tried: a failure marks it down, a background probe brings it back; one that says it has
 * no room is left alone until it expects to have.
 */
export class TierHealth {
  private readonly probe: () => Promise<boolean>
  private timer: NodeJS.Timeout | undefined
  private answers = true
  private busyUntilMs = -Infinity
  private closed = false

  /** @param probe resolves to true once the tier answers again; a rejection counts as false */
  constructor(probe: () => Promise<boolean>) {
    this.probe = probe
  }

  get up(): boolean {
    return this.answers && performance.now() >= this.busyUntilMs
  }

  /** From now on the tier is skipped for so long, 2 s at most. */
  markBusy(forMs: number): void {
    this.busyUntilMs = performance.now() + Math.min(forMs, longestProbeGapMs)
  }

  /** From now on the tier is skipped at once, until a probe succeeds: after 100 ms, then at doubling gaps up to 2 s. */
  markDown(): void {
    if (!this.answers || this.closed) return
    this.answers = false
    this.probeAfter(firstProbeAfterMs)
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  private probeAfter(gapMs: number): void {
    this.timer = setTimeout(async () => {
      const answered = await this.probe().catch(() => false)
      if (this.closed) return
      if (answered) this.answers = true
      else this.probeAfter(Math.min(2 * gapMs, longestProbeGapMs))
    }, gapMs)
  }
}
