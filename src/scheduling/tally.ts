import type { Ladder } from './ladder.ts'

const NONE_DROPPED = { 'queue-full': 0, refused: 0, expired: 0, 'given-up': 0, failed: 0 }
/**
 * queue-full: no room, and no waiting request ranks below it · refused: could not have made its deadline when it came ·
 * expired: can no longer make it · given-up: dropped by the policy, in favour of those behind · failed: its worker failed.
 */
export type DropReason = keyof typeof NONE_DROPPED

/** What became of the requests so far, as counts that can be read at any time. */
export class Tally {
  private readonly ladder: Ladder
  /** Requests answered in time, by variant. Shape [variants]. */
  readonly onTime: Float64Array
  /** Requests answered late, by variant. Shape [variants]. */
  readonly late: Float64Array
  readonly dropped = { ...NONE_DROPPED }
  /** Batches started with another variant than the batch before. */
  switches = 0
  private lastVariant: number | undefined

  constructor(ladder: Ladder) {
    this.ladder = ladder
    this.onTime = new Float64Array(ladder.variants.length)
    this.late = new Float64Array(ladder.variants.length)
  }

  started(variant: number): void {
    if (this.lastVariant !== undefined && variant !== this.lastVariant) this.switches += 1
    this.lastVariant = variant
  }

  served(variant: number, isOnTime: boolean): void {
    const counts = isOnTime ? this.onTime : this.late
    counts[variant] = counts[variant] + 1
  }

  drop(reason: DropReason): void {
    this.dropped[reason] += 1
  }

  /** Requests settled: answered or dropped. */
  get settled(): number {
    return this.answered + this.violations - sum(this.late)
  }

  get answered(): number {
    return sum(this.onTime) + sum(this.late)
  }

  /** Requests dropped or answered late. */
  get violations(): number {
    return Object.values(this.dropped).reduce((total, count) => total + count, sum(this.late))
  }

  /** Mean accuracy of all settled requests, 0 for those not answered in time. NaN before the first. */
  get effectiveAccuracyPercent(): number {
    return this.accuracySum(this.onTime) / this.settled
  }

  /** Mean accuracy of the answers given in time. NaN before the first. */
  get servedAccuracyPercent(): number {
    return this.accuracySum(this.onTime) / sum(this.onTime)
  }

  get violationPercent(): number {
    return (100 * this.violations) / this.settled
  }

  private accuracySum(counts: Float64Array): number {
    return this.ladder.variants.reduce((total, { accuracyPercent }, variant) => {
      return total + accuracyPercent * counts[variant]
    }, 0)
  }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0)
}
