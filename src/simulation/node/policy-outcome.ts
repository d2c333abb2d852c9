/** What came of a policy on a trace, as the numbers that are printed, compared and drawn. */
import { type AccuracyBracket, effectiveAccuracyBracket } from '../../scheduling/hindsight.ts'
import type { Ladder } from '../../scheduling/ladder.ts'
import { hasDeadline } from '../../scheduling/request-queue.ts'
import type { Tally } from '../../scheduling/tally.ts'
import { serviceFactors } from './service-factors.ts'
import type { SimulatedRequest } from './serving-node.ts'
import { type SimulatedNode, serviceTimesOf } from './simulate-node.ts'
import type { Timeline } from './timeline.ts'

/** Points of a timeline. */
export const POINTS = 120
/** Steps of the clairvoyant bound, for all requests: some seconds. */
const BOUND_WORK = 1.2e7
const LEAST_STEPS = 200
const MOST_STEPS = 2000

/** What a policy made of the requests of a node. */
export type PolicyOutcome = ReturnType<typeof outcomeFrom>

/** @param policy its name */
export function outcomeFrom(policy: string, ladder: Ladder, tally: Tally, timeline: Timeline) {
  return {
    policy,
    /** 0 for a request not answered in time. */
    effectiveAccuracyPercent: tally.effectiveAccuracyPercent,
    /** Of the answers in time; null if there is none. */
    servedAccuracyPercent: numberOrNull(tally.servedAccuracyPercent),
    /** Dropped or late. */
    violationPercent: tally.violationPercent,
    late: tally.late.reduce((sum, count) => sum + count, 0),
    dropped: { ...tally.dropped },
    /** Answers in time, by variant. */
    onTime: Object.fromEntries(
      ladder.variants.map(({ name }, variant) => [name, tally.onTime[variant] ?? 0]),
    ),
    /** Of the answers; null if there is none. */
    p50Ms: numberOrNull(timeline.responseTimeMs(0.5)),
    p95Ms: numberOrNull(timeline.responseTimeMs(0.95)),
    p99Ms: numberOrNull(timeline.responseTimeMs(0.99)),
    /** Batches started with another variant than the one before. */
    switches: tally.switches,
    /** In order of priority; one entry where all have the same. */
    byPriority: timeline.byPriority(),
    timeline: timeline.points(),
  }
}

/**
 * Effective accuracy that no policy could have exceeded had it known every arrival and service time, and one that it could
 * have had.
 * @param seed of the simulation
 * @returns undefined where there is no bound: for more than one worker, and for requests that differ in more than arrival
 */
export function boundOf(
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  seed: number,
): AccuracyBracket | undefined {
  const { ladder, workers, deadlineMs } = node
  const alike = requests.every((request) => {
    const isUsual = request.deadlineMs === request.arrivalMs + deadlineMs
    return isUsual && request.priority === 0 && request.lowestVariant === 0
  })
  if (workers > 1 || !alike) return undefined
  return effectiveAccuracyBracket({
    arrivalsMs: Float64Array.from(requests, ({ arrivalMs }) => arrivalMs),
    factors: serviceFactors(requests.length, { ...node, random: serviceTimesOf(seed) }),
    ladder,
    deadlineMs,
    steps: Math.min(MOST_STEPS, Math.max(LEAST_STEPS, BOUND_WORK / requests.length)),
  })
}

/** To the deadline of the last request. */
export function durationOf(arrivalsMs: Float64Array, deadlineMs: number): number {
  return (arrivalsMs.at(-1) ?? 0) + deadlineMs
}

/** The last deadline, or arrival without one. */
export function endOf(requests: readonly SimulatedRequest[]): number {
  return requests.reduce((lastMs, request) => {
    return Math.max(lastMs, hasDeadline(request) ? request.deadlineMs : request.arrivalMs)
  }, 0)
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
