/** What happened over the time of a simulation, interval by interval: the material of a plot. */
import { ConfigError } from '../../errors.ts'
import type { Ladder } from '../../scheduling/ladder.ts'
import { hasDeadline } from '../../scheduling/request-queue.ts'
import { Tally } from '../../scheduling/tally.ts'
import type { Settled } from './serving-node.ts'

/** One interval. */
export interface TimelinePoint {
  /** Start of the interval. */
  readonly atMs: number
  readonly arrivalsPerS: number
  /** Requests waiting or in service at its end. */
  readonly inSystem: number
  /** Requests settled within it: answered in time, by variant … Shape [variants]. */
  readonly onTime: readonly number[]
  /** … and dropped or late. */
  readonly violations: number
  /** Mean accuracy of those settled, 0 for violations; undefined when none was. */
  readonly effectiveAccuracyPercent: number | undefined
}

/** What became of the requests of one priority. */
export interface PriorityOutcome {
  readonly priority: number
  readonly requests: number
  readonly effectiveAccuracyPercent: number
  readonly violationPercent: number
}

interface Interval {
  arrivals: number
  violations: number
  readonly onTime: number[]
}

/** Adds up what was settled. */
export class Timeline {
  private readonly ladder: Ladder
  private readonly intervalMs: number
  private readonly intervals: Interval[] = []
  private readonly responseTimesMs: number[] = []
  private readonly tallies = new Map<number, Tally>()

  /** @param intervalMs of one point; a simulation has few thousand points at most */
  constructor(ladder: Ladder, intervalMs: number) {
    if (!(intervalMs > 0)) throw new ConfigError(`interval ${intervalMs} ms is not above 0`)
    this.ladder = ladder
    this.intervalMs = intervalMs
  }

  /** To be told of every request, see `ServingNodeOptions.onSettled`; those without a deadline do not count. */
  settled({ request, atMs, variant }: Settled): void {
    if (!hasDeadline(request)) return
    this.at(request.arrivalMs).arrivals += 1
    const interval = this.at(atMs)
    const tally = this.tallies.get(request.priority) ?? new Tally(this.ladder)
    this.tallies.set(request.priority, tally)
    if (variant === undefined) tally.drop('expired')
    else {
      this.responseTimesMs.push(atMs - request.arrivalMs)
      tally.served(variant, atMs <= request.deadlineMs)
    }
    if (variant === undefined || atMs > request.deadlineMs) interval.violations += 1
    else interval.onTime[variant] = interval.onTime[variant] + 1
  }

  /** In order of priority. */
  byPriority(): PriorityOutcome[] {
    return [...this.tallies]
      .toSorted(([a], [b]) => a - b)
      .map(([priority, { settled, effectiveAccuracyPercent, violationPercent }]) => {
        return { priority, requests: settled, effectiveAccuracyPercent, violationPercent }
      })
  }

  /** In order of time, none left out. Complete when every request is settled. */
  points(): TimelinePoint[] {
    let inSystem = 0
    return this.intervals.map(({ arrivals, onTime, violations }, index) => {
      const settled = onTime.reduce((sum, count) => sum + count, violations)
      inSystem += arrivals - settled
      const accuracy = this.ladder.variants.reduce((sum, { accuracyPercent }, variant) => {
        return sum + accuracyPercent * onTime[variant]
      }, 0)
      return {
        atMs: index * this.intervalMs,
        arrivalsPerS: (1000 * arrivals) / this.intervalMs,
        inSystem,
        onTime: [...onTime],
        violations,
        effectiveAccuracyPercent: settled === 0 ? undefined : accuracy / settled,
      }
    })
  }

  /** Response time that this share of the answers stays within; NaN without answers. @param share in [0, 1] */
  responseTimeMs(share: number): number {
    const sorted = Float64Array.from(this.responseTimesMs).sort()
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  }

  private at(timeMs: number): Interval {
    const index = Math.floor(timeMs / this.intervalMs)
    while (this.intervals.length <= index) {
      const onTime = this.ladder.variants.map(() => 0)
      this.intervals.push({ arrivals: 0, violations: 0, onTime })
    }
    return this.intervals[index]
  }
}
