import { quantile } from 'simple-statistics'

const KEPT = 1000

/** How long the latest decisions took. */
export class DecisionTimes {
  /** A ring: the oldest is overwritten. */
  private readonly latestMs = new Float64Array(KEPT)
  private count = 0

  note(ms: number): void {
    this.latestMs[this.count % KEPT] = ms
    this.count += 1
  }

  /** @param share of the latest decisions that took no longer. @returns ms; 0 before the first */
  quantileMs(share: number): number {
    const kept = this.latestMs.subarray(0, Math.min(this.count, KEPT))
    return kept.length === 0 ? 0 : quantile([...kept], share)
  }
}
