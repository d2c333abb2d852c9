/** Extra response time that may knowingly be spent on exploring: every step earns a share of what the best known decision takes. */

/** Steps whose earnings are kept at most, so that quiet times do not pay for a wild one. */
const MOST_STEPS_SAVED = 100

export class ExplorationBudget {
  /** Average over the devices, ms. */
  savedMs = 0
  /** Of the response time; Infinity: no bound. */
  share: number

  constructor(share: number) {
    this.share = share
  }

  get isBounded(): boolean {
    return this.share < Number.POSITIVE_INFINITY
  }

  /** @param greedyMs average response time expected of the best decision known */
  earn(greedyMs: number): void {
    const earnedMs = this.share * greedyMs
    this.savedMs = Math.min(MOST_STEPS_SAVED * earnedMs, this.savedMs + earnedMs)
  }

  /** @returns whether so much more than the best known is saved up; then it is spent */
  spend(extraMs: number): boolean {
    const costMs = Math.max(0, extraMs)
    if (!(costMs <= this.savedMs)) return false
    this.savedMs -= costMs
    return true
  }
}
