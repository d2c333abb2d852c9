/** What came of a policy on a trace, as the numbers that are printed, compared and drawn. */
import { effectiveAccuracyBoundPercent } from '../../scheduling/hindsight.ts'
import type { Ladder } from '../../scheduling/ladder.ts'
import type { DropReason, Tally } from '../../scheduling/tally.ts'
import type { SimulatedRequest } from './serving-node.ts'
import type { SimulatedNode } from './simulate-node.ts'
import type { PriorityOutcome, Timeline, TimelinePoint } from './timeline.ts'

/** Points of a timeline. */
export const POINTS = 120
/** Grid of the clairvoyant bound, of a deadline. */
const BOUND_STEPS = 400

/** What a policy made of the requests of a node. */
export interface PolicyOutcome {
  readonly policy: string
  /** 0 for a request not answered in time. */
  readonly effectiveAccuracyPercent: number
  /** Of the answers in time; null if there is none. */
  readonly servedAccuracyPercent: number | null
  /** Dropped or late. */
  readonly violationPercent: number
  readonly late: number
  readonly dropped: Readonly<Record<DropReason, number>>
  /** Answers in time, by variant. */
  readonly onTime: Readonly<Record<string, number>>
  /** Of the answers; null if there is none. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  /** Batches started with another variant than the one before. */
  readonly switches: number
  /** In order of priority; one entry where all have the same. */
  readonly byPriority: readonly PriorityOutcome[]
  readonly timeline: readonly TimelinePoint[]
}

/** @param policy its name */
export function outcomeFrom(
  policy: string,
  ladder: Ladder,
  tally: Tally,
  timeline: Timeline,
): PolicyOutcome {
  return {
    policy,
    effectiveAccuracyPercent: tally.effectiveAccuracyPercent,
    servedAccuracyPercent: numberOrNull(tally.servedAccuracyPercent),
    violationPercent: tally.violationPercent,
    late: tally.late.reduce((sum, count) => sum + count, 0),
    dropped: { ...tally.dropped },
    onTime: Object.fromEntries(
      ladder.variants.map(({ name }, variant) => [name, tally.onTime[variant] ?? 0]),
    ),
    p50Ms: numberOrNull(timeline.responseTimeMs(0.5)),
    p95Ms: numberOrNull(timeline.responseTimeMs(0.95)),
    p99Ms: numberOrNull(timeline.responseTimeMs(0.99)),
    switches: tally.switches,
    byPriority: timeline.byPriority(),
    timeline: timeline.points(),
  }
}

/**
 * Effective accuracy that no policy could have exceeded had it known every arrival.
 * @returns undefined where there is no exact bound: for more than one worker, and for requests that differ in more than arrival
 */
export function boundOf(
  { ladder, workers, deadlineMs, slowdown = 1 }: SimulatedNode,
  requests: readonly SimulatedRequest[],
): number | undefined {
  const alike = requests.every((request) => {
    const isUsual = request.deadlineMs === request.arrivalMs + deadlineMs
    return isUsual && request.priority === 0 && request.lowestVariant === 0
  })
  if (workers > 1 || !alike) return undefined
  const variants = ladder.variants.map((variant) => {
    return { ...variant, serviceTimesMs: variant.serviceTimesMs.map((ms) => ms * slowdown) }
  })
  const stepMs = deadlineMs / BOUND_STEPS
  return effectiveAccuracyBoundPercent({
    arrivalsMs: Float64Array.from(requests, ({ arrivalMs }) => arrivalMs),
    ladder: { ...ladder, variants },
    deadlineMs,
    stepMs,
  })
}

/** To the deadline of the last request. */
export function durationOf(arrivalsMs: Float64Array, deadlineMs: number): number {
  return (arrivalsMs.at(-1) ?? 0) + deadlineMs
}

/** The last deadline. */
export function endOf(requests: readonly SimulatedRequest[]): number {
  return requests.reduce((lastMs, { deadlineMs }) => Math.max(lastMs, deadlineMs), 0)
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
