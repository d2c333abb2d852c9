/** Response times counted in bins that grow by a fixed ratio, so that quantiles cost little memory. */

/** From one bin to the next. A quantile is within half of it: 2.5 %. */
const RATIO = 1.05
const LOG_RATIO = Math.log(RATIO)
/** Shorter times share the first bin. */
const LEAST_MS = 0.05

/** Counts of response times. */
export class LatencyBins {
  private readonly counts = new Map<number, number>()
  private total = 0

  add(ms: number): void {
    const bin = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / LOG_RATIO)
    this.count(bin, 1)
  }

  /** Adds all that others counted. */
  merge(others: LatencyBins): void {
    for (const [bin, count] of others.counts) this.count(bin, count)
  }

  /** @param share in (0, 1] @returns undefined where nothing was counted */
  quantileMs(share: number): number | undefined {
    if (this.total === 0) return undefined
    const rank = Math.ceil(share * this.total)
    let seen = 0
    for (const bin of [...this.counts.keys()].sort((a, b) => a - b)) {
      seen += this.counts.get(bin) ?? 0
      if (seen >= rank) return LEAST_MS * RATIO ** (bin - 0.5)
    }
    return undefined
  }

  private count(bin: number, more: number): void {
    this.counts.set(bin, (this.counts.get(bin) ?? 0) + more)
    this.total += more
  }
}
