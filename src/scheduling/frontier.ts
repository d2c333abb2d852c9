/**
 * A step function that never rises: what can still be had, by the time at which the worker is free at the latest. Every step
 * is a schedule that cannot be beaten in both.
 */

/** Of a bracket. */
export type BracketEnd = 'low' | 'high'

/** How settling some requests together leads to what follows them. */
export interface Settling {
  /** What it adds. */
  readonly worth: number
  /** From its start until the worker is free. */
  readonly occupiedMs: number
  /** When all of them have come. */
  readonly readyMs: number
  /** When it must start at the latest. */
  readonly latestMs: number
}

/** Floating point may miss a tie by less than this. */
const ROUNDING_MS = 1e-6
const ROUNDING_WORTH = 1e-9

/** Steps by descending time, ascending in worth. */
export class Frontier {
  size = 0
  private readonly timesMs: Float64Array
  private readonly worths: Float64Array

  /** @param steps that it has room for */
  constructor(steps: number) {
    this.timesMs = new Float64Array(steps)
    this.worths = new Float64Array(steps)
  }

  /** What can be had from a time on; that of the last step where none is late enough. */
  at(timeMs: number): number {
    const { timesMs } = this
    // Of the steps before `low` all are late enough.
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if (timesMs[middle] + ROUNDING_MS >= timeMs) low = middle + 1
      else high = middle
    }
    return this.worths[Math.max(0, low - 1)]
  }

  /** One step. */
  static of(timeMs: number, worth: number): Frontier {
    const frontier = new Frontier(1)
    frontier.add(timeMs, worth)
    return frontier
  }

  /** A copy without room for more. */
  clone(): Frontier {
    const clone = new Frontier(this.size)
    clone.copy(this)
    return clone
  }

  /** Becomes the other with all worths changed by so much. */
  copy(other: Frontier, worth = 0): void {
    this.size = other.size
    for (let step = 0; step < other.size; step++) {
      this.timesMs[step] = other.timesMs[step]
      this.worths[step] = other.worths[step] + worth
    }
  }

  /** Becomes the best of one and of settling what leads to the other. */
  merge(one: Frontier, other: Frontier, settling: Settling): void {
    const { worth, occupiedMs, readyMs, latestMs } = settling
    this.size = 0
    let mine = 0
    let theirs = 0
    const startOf = (step: number) => {
      if (step >= other.size) return -Infinity
      const startMs = Math.min(latestMs, other.timesMs[step] - occupiedMs)
      return startMs + ROUNDING_MS >= readyMs ? startMs : -Infinity
    }
    let startMs = startOf(0)
    while (mine < one.size || startMs > -Infinity) {
      if (mine < one.size && one.timesMs[mine] >= startMs) {
        this.add(one.timesMs[mine], one.worths[mine])
        mine += 1
      } else {
        this.add(startMs, other.worths[theirs] + worth)
        theirs += 1
        startMs = startOf(theirs)
      }
    }
  }

  /**
   * Leaves out steps near others in time, should there be more than so many.
   * @param steps at least 3
   * @param end 'low': what is left is some of the schedules; 'high': those left out lend their worth to later ones
   */
  thin(steps: number, end: BracketEnd): void {
    const { timesMs, worths, size } = this
    if (size <= steps) return
    // The first may be at infinity. Of groups no wider than this there are at most so many as steps.
    const widthMs = (timesMs[1] - timesMs[size - 1]) / (steps - 2)
    let kept = 0
    for (let step = 0; step < size; ) {
      let next = step + 1
      while (next < size && timesMs[step] - timesMs[next] < widthMs) next++
      timesMs[kept] = timesMs[end === 'high' ? step : next - 1]
      worths[kept] = worths[next - 1]
      kept += 1
      step = next
    }
    this.size = kept
  }

  /** In order of time, the latest first: kept if it is worth more than all that are later. */
  private add(timeMs: number, worth: number): void {
    const { size } = this
    if (size > 0 && worth <= this.worths[size - 1] + ROUNDING_WORTH) return
    const at = size > 0 && timeMs >= this.timesMs[size - 1] ? size - 1 : size
    this.timesMs[at] = timeMs
    this.worths[at] = worth
    this.size = at + 1
  }
}
