/** So many times the believed rate is what an alarm looks for. */
const RATE_FACTOR = 1.5
/** Rates beyond leave no room for one that is 1.5 times as high. */
const LOWEST_RATE = 0.005
const HIGHEST_RATE = 0.6

/**
 * Page's CUSUM for a rate 1.5 times the believed one: the log likelihood ratio of the two rates is summed up, never below 0, and
 * rings above a limit. What is believed may differ from one event to the next.
 */
export class Cusum {
  private readonly limit: number
  private sum = 0

  /** @param limit above which it rings: exp(limit) times as likely at the higher rate */
  constructor(limit: number) {
    this.limit = limit
  }

  /** @param believedRate of events that are hits, in [0, 1]. @returns whether it rings; it starts anew then */
  hear(isHit: boolean, believedRate: number): boolean {
    const rate = Math.min(HIGHEST_RATE, Math.max(LOWEST_RATE, believedRate))
    const higher = RATE_FACTOR * rate
    const ratio = isHit ? RATE_FACTOR : (1 - higher) / (1 - rate)
    this.sum = Math.max(0, this.sum + Math.log(ratio))
    if (this.sum < this.limit) return false
    this.sum = 0
    return true
  }
}
