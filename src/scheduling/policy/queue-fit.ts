/** Whole-queue feasibility: would everything that waits still be in time? The question that head-only rules do not ask. */
import { type Action, canServe, largestBatch } from '../action.ts'
import type { Observation } from '../observation.ts'

/**
 * Least time to spare of all waiting requests, were the head served by one variant and the rest by another, in full
 * batches; a request that accepts only larger variants gets its smallest. k workers count as one k times as fast, but for
 * the head, which takes its own time.
 * @param enoughMs a result below this may be that of any late request
 * @returns below 0 when a request would be late
 */
export function leastSpareMs(
  observation: Observation,
  headVariant: number,
  restVariant: number,
  enoughMs = Number.NEGATIVE_INFINITY,
): number {
  const { queued, slackMs, workers, times } = observation
  let batch = Math.max(0, largestBatch(observation, headVariant))
  let end = times.batchSize(batch)
  const headMs = times.ms(variantFor(observation, headVariant, 0, end), batch)
  let leastMs = (slackMs[0] as number) - headMs
  for (let i = 1; i < end; i++) leastMs = Math.min(leastMs, (slackMs[i] as number) - headMs)
  let doneMs = headMs / workers
  while (end < queued && leastMs >= enoughMs) {
    const first = end
    batch = times.largestBatch(queued - first)
    end = first + times.batchSize(batch)
    doneMs += times.ms(variantFor(observation, restVariant, first, end), batch) / workers
    for (let i = first; i < end; i++) leastMs = Math.min(leastMs, (slackMs[i] as number) - doneMs)
  }
  return leastMs
}

/** Whether all waiting requests would be in time, the head served by one variant and the rest by another. */
export function queueFits(
  observation: Observation,
  headVariant: number,
  restVariant: number,
): boolean {
  if (!canServe(observation, headVariant, 0)) return false
  return leastSpareMs(observation, headVariant, restVariant, 0) >= 0
}

/** The smallest variant, at least this one, that the requests from `first` to before `end` accept. */
function variantFor(
  { lowestVariant }: Observation,
  variant: number,
  first: number,
  end: number,
): number {
  let lowest = variant
  for (let i = first; i < end; i++) lowest = Math.max(lowest, lowestVariant[i] as number)
  return lowest
}

/** Serves the head with this variant, which it must accept and be in time with, in the largest batch. */
export function serveHead(observation: Observation, variant: number): Action {
  return observation.actions.serve(variant, largestBatch(observation, variant))
}

/** Serves the head with the smallest variant that it accepts. */
export function serveSmallest(observation: Observation): Action {
  return serveAtMost(observation, 0)
}

/** Serves the head with this variant, or the next smaller one that is in time, or the smallest that it accepts. */
export function serveAtMost(observation: Observation, variant: number): Action {
  const lowest = observation.lowestVariant[0] as number
  let best = Math.max(variant, lowest)
  while (best > lowest && !canServe(observation, best, 0)) best--
  return serveHead(observation, best)
}
