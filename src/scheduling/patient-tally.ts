/** What becomes of requests without a deadline. */

interface Span {
  readonly fromMs: number
  readonly dueMs: number
}

/** Counts, that can be read at any time. */
export class PatientTally<Request> {
  answered = 0
  /** Dropped, withdrawn or failed. */
  notServed = 0
  /** Answered after their soft deadline. */
  late = 0
  /** Longest time to an answer ÷ soft deadline. */
  longestShare = 0
  private readonly spans = new Map<Request, Span>()

  arrived(request: Request, fromMs: number, dueMs: number): void {
    this.spans.set(request, { fromMs, dueMs })
  }

  served(request: Request, nowMs: number): void {
    const span = this.spans.get(request)
    if (span === undefined) return
    this.spans.delete(request)
    const { fromMs, dueMs } = span
    this.answered += 1
    if (nowMs > dueMs) this.late += 1
    this.longestShare = Math.max(this.longestShare, (nowMs - fromMs) / (dueMs - fromMs))
  }

  gone(request: Request): void {
    if (this.spans.delete(request)) this.notServed += 1
  }
}
