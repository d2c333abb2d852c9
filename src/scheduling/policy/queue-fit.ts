/** Whole-queue feasibility: would everything that waits still be in time? The question that head-only rules do not ask. */
import { type Action, canServe, largestBatch } from '../action.ts'
import type { Observation } from '../observation.ts'

/**
 * Whether every waiting request would make its deadline, were the head served by one variant and the rest by another, in
 * full batches; a request that accepts only larger variants gets its smallest. k workers count as one k times as fast,
 * but for the head, which takes its own time.
 */
export function queueFits(
  observation: Observation,
  headVariant: number,
  restVariant: number,
): boolean {
  const { queued, slackMs, workers, times } = observation
  const headBatch = largestBatch(observation, headVariant)
  if (headBatch < 0) return false
  const headMs = times.ms(headVariant, headBatch)
  let first = times.batchSize(headBatch)
  // Who is served in the head's batch is in time: `largestBatch` says so.
  let doneMs = headMs / workers
  while (first < queued) {
    const batch = times.largestBatch(queued - first)
    const end = first + times.batchSize(batch)
    doneMs += times.ms(variantFor(observation, restVariant, first, end), batch) / workers
    for (let i = first; i < end; i++) if (doneMs > (slackMs[i] as number)) return false
    first = end
  }
  return true
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
