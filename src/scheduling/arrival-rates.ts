/** Arrival rate, averaged exponentially over several windows at once. */

export class ArrivalRates {
  /** Time constants. Shape [windows]. */
  readonly windowsMs: readonly number[]
  // [windows], as of the last arrival
  private readonly ratesPerS: Float64Array
  private lastArrivalMs = -Infinity

  constructor(windowsMs: readonly number[]) {
    this.windowsMs = windowsMs
    this.ratesPerS = new Float64Array(windowsMs.length)
  }

  arrive(nowMs: number): void {
    this.read(nowMs, this.ratesPerS)
    for (let window = 0; window < this.windowsMs.length; window++) {
      // The kernel e^(−t/window) has the integral `window`, so that the mean is the rate.
      this.ratesPerS[window] = this.ratesPerS[window] + 1000 / this.windowsMs[window]
    }
    this.lastArrivalMs = nowMs
  }

  /** Infinite before the first arrival. */
  sinceArrivalMs(nowMs: number): number {
    return nowMs - this.lastArrivalMs
  }

  /** Of one window. */
  ratePerS(window: number, nowMs: number): number {
    if (this.lastArrivalMs === -Infinity) return 0
    return this.ratesPerS[window] * Math.exp(-this.sinceArrivalMs(nowMs) / this.windowsMs[window])
  }

  /** @param ratesPerS filled. Shape [windows] */
  read(nowMs: number, ratesPerS: Float64Array): void {
    const sinceMs = this.sinceArrivalMs(nowMs)
    for (let window = 0; window < this.windowsMs.length; window++) {
      const decay = Math.exp(-sinceMs / this.windowsMs[window])
      ratesPerS[window] = this.ratesPerS[window] * decay
    }
  }
}
