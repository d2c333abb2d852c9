import type { Tally } from '../../scheduling/tally.ts'

/** Settled requests that are judged together. */
export const WINDOW = 250
/** Points of effective accuracy behind another policy that are put up with in a window. */
export const MARGIN_POINTS = 2
/** Windows in a row that must be worse: one may be chance. */
export const WORSE_WINDOWS = 2

/** Effective accuracy of a node, window by window. */
export class TallyWindow {
  private readonly tally: Tally
  private settledBefore: number
  private accuracyBefore: number

  /** The first window begins here. */
  constructor(tally: Tally) {
    this.tally = tally
    this.settledBefore = tally.settled
    this.accuracyBefore = accuracySum(tally)
  }

  /** Requests settled in this window. */
  get settled(): number {
    return this.tally.settled - this.settledBefore
  }

  /** Ends the window; the next begins. @returns its mean; NaN where nothing was settled */
  end(): number {
    const sum = accuracySum(this.tally)
    const meanPercent = (sum - this.accuracyBefore) / this.settled
    this.settledBefore = this.tally.settled
    this.accuracyBefore = sum
    return meanPercent
  }
}

function accuracySum({ settled, effectiveAccuracyPercent }: Tally): number {
  return settled * (effectiveAccuracyPercent || 0)
}
