/** Share of services that the reserve covers, where nothing else is said. */
const QUANTILE = 0.98
/** Latest services that count. */
const SERVICES = 256
/** The quantile is read again after so many. */
const EVERY = 16

/**
 * Time to keep in hand for a service that is held up: by other programs, a collection of garbage. Such a delay does not grow
 * with the variant, and of all that wait few meet one; so it is no part of a planned time, but is kept once for the whole
 * queue: a high quantile of what the latest services took beyond what they may.
 */
export class HoldUps {
  /** At least 0. */
  reserveMs = 0
  // [services], the oldest overwritten first
  private readonly beyondMs = new Float64Array(SERVICES)
  private observed = 0
  private readonly quantile: number

  constructor(quantile = QUANTILE) {
    this.quantile = quantile
  }

  /** @param beyondMs measured time of a service − the longest that it should take */
  observe(beyondMs: number): void {
    this.beyondMs[this.observed % SERVICES] = beyondMs
    this.observed += 1
    if (this.observed % EVERY > 0) return
    const known = Math.min(this.observed, SERVICES)
    const sorted = this.beyondMs.slice(0, known).sort()
    this.reserveMs = Math.max(0, sorted[Math.ceil(this.quantile * known) - 1])
  }
}
