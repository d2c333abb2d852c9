/** Answers that may go on at once beyond what was planned. */
const BURST = 20
/** What is planned may be exceeded so far for long. */
const LEEWAY = 1.5

/**
 * A token bucket that caps how much a device escalates, so that drifting pictures cannot flood a node: every request brings
 * 1.5 times its planned share of a token, every escalation takes a whole one, and 20 can be saved. At the planned share
 * a full bucket runs empty once in millions of requests.
 */
export class EscalationBudget {
  private tokens = BURST

  /** A request has come. @param share of requests that are planned to be unsure */
  earn(share: number): void {
    this.tokens = Math.min(BURST, this.tokens + LEEWAY * share)
  }

  /** @returns false where nothing is left */
  spend(): boolean {
    // Sums of shares stay a little below whole numbers.
    if (this.tokens < 1 - 1e-9) return false
    this.tokens -= 1
    return true
  }
}
