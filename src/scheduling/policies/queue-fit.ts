/** Whole-queue feasibility: would everything that waits still be in time? The question that head-only rules do not ask. */
import type { Action } from '../action.ts'
import { canServe, largestBatch, type Observation } from '../observation.ts'

/**
 * Least time to spare of all waiting requests, were the head served by one variant and the rest by another, in the largest
 * batches that are in time; a request that accepts only larger variants gets its smallest. k workers count as one k times
 * as fast that first finishes what they are at; only the head, and the choice of a batch size, takes a whole service.
 * @param enoughMs a result below this may be that of any late request
 * @returns below 0 when a request would be late
 */
export function leastSpareMs(
  observation: Observation,
  headVariant: number,
  restVariant: number,
  enoughMs = -Infinity,
): number {
  const { queued, workers, workerResidualMs, times } = observation
  let batch = Math.max(0, largestBatch(observation, headVariant))
  let end = times.batchSize(batch)
  const headMs = times.ms(variantFor(observation, headVariant, 0, end), batch)
  let leastMs = leastSlackMs(observation, 0, end) - headMs
  let doneMs = headMs / workers
  for (let worker = 1; worker < workers; worker++) {
    doneMs += workerResidualMs[worker] / workers
  }
  if (times.batches === 1) {
    return leastSpareOneByOneMs(observation, restVariant, leastMs, doneMs, enoughMs)
  }
  while (end < queued && leastMs >= enoughMs) {
    const first = end
    batch = batchInTime(observation, restVariant, first, doneMs)
    end = first + times.batchSize(batch)
    doneMs += times.ms(variantFor(observation, restVariant, first, end), batch) / workers
    leastMs = Math.min(leastMs, leastSlackMs(observation, first, end) - doneMs)
  }
  return leastMs
}

/** The rest of `leastSpareMs` without batches: half of what a decision costs. */
function leastSpareOneByOneMs(
  { queued, workers, slackMs, lowestVariant, times }: Observation,
  restVariant: number,
  headSpareMs: number,
  headDoneMs: number,
  enoughMs: number,
): number {
  const { plannedMs } = times
  let leastMs = headSpareMs
  let doneMs = headDoneMs
  for (let i = 1; i < queued && leastMs >= enoughMs; i++) {
    const variant = Math.max(restVariant, lowestVariant[i])
    doneMs += plannedMs[variant] / workers
    leastMs = Math.min(leastMs, slackMs[i] - doneMs)
  }
  return leastMs
}

/**
 * Largest batch from this place on that is in time when started then, or one request; the largest of all if it is too late
 * for any.
 * @returns index of the batch size
 */
function batchInTime(
  observation: Observation,
  variant: number,
  first: number,
  startMs: number,
): number {
  const { queued, slackMs, times } = observation
  let batch = times.largestBatch(variant, queued - first)
  if (startMs > slackMs[first]) return batch
  for (; batch > 0; batch--) {
    const end = first + times.batchSize(batch)
    if (!areTogether(observation, first, end)) continue
    const doneMs = startMs + times.ms(variantFor(observation, variant, first, end), batch)
    if (doneMs <= leastSlackMs(observation, first, end)) break
  }
  return batch
}

/** Whether one batch may hold the requests from `first` to before `end`. */
function areTogether({ apart }: Observation, first: number, end: number): boolean {
  for (let i = first + 1; i < end; i++) if (apart[i] === 1) return false
  return true
}

function leastSlackMs({ slackMs }: Observation, first: number, end: number): number {
  let leastMs = Infinity
  for (let i = first; i < end; i++) leastMs = Math.min(leastMs, slackMs[i])
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
  for (let i = first; i < end; i++) lowest = Math.max(lowest, lowestVariant[i])
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
  const lowest = observation.lowestVariant[0]
  let best = Math.max(variant, lowest)
  while (best > lowest && !canServe(observation, best, 0)) best--
  return serveHead(observation, best)
}
