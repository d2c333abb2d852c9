/** When requests that wait can start: each in its turn, on the worker that is free first. */
export class EarliestStarts {
  private readonly freeAtMs: Float64Array

  /** @param busyUntilMs planned, of each worker */
  constructor(busyUntilMs: Float64Array, nowMs: number) {
    this.freeAtMs = busyUntilMs.map((untilMs) => Math.max(untilMs, nowMs))
  }

  /** Of the request whose turn is next. */
  get nextMs(): number {
    return Math.min(...this.freeAtMs)
  }

  /** The next one is served for so long. */
  serve(lengthMs: number): void {
    this.freeAtMs[this.freeAtMs.indexOf(this.nextMs)] += lengthMs
  }
}
