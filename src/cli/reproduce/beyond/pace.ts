/** Lets Ctrl-C and the progress line have their turn during a long computation. */
import { setImmediate } from 'node:timers/promises'

/** Longest that they wait. */
const YIELD_MS = 50

export interface PaceOptions {
  readonly signal: AbortSignal
  /** Called with what is under way: `step 30`. */
  readonly onProgress: (part: string) => void
}

export class Pace {
  private readonly options: PaceOptions
  private yieldedMs = performance.now()

  constructor(options: PaceOptions) {
    this.options = options
  }

  /** @returns false when aborted */
  async goesOn(part: string): Promise<boolean> {
    if (performance.now() - this.yieldedMs >= YIELD_MS) {
      this.options.onProgress(part)
      await setImmediate()
      this.yieldedMs = performance.now()
    }
    return !this.options.signal.aborted
  }
}
