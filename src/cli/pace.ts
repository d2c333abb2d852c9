/** Lets Ctrl-C and the progress line have their turn during a long computation. */
import { setImmediate } from 'node:timers/promises'

/** Longest that they wait. */
const YIELD_MS = 50

export class Pace {
  private yieldedMs = performance.now()

  /** To be awaited often: costs next to nothing until it is time. */
  async rest(): Promise<void> {
    if (performance.now() - this.yieldedMs < YIELD_MS) return
    await setImmediate()
    this.yieldedMs = performance.now()
  }
}
