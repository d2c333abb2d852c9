/** Which requests that wait are served together. */
import { hasDeadline, type InOrder, type QueuedRequest } from './request-queue.ts'
import type { ServiceTimes } from './service-times.ts'

/** A variant, the index of a batch size, and the requests that fill it. */
export interface Batch<Request> {
  readonly variant: number
  readonly batch: number
  /** In order of service. Shape [batch size]. */
  readonly requests: readonly Request[]
}

/**
 * The first of these, and as many of those after it as are of its kind, may have the variant and fill a batch. No larger variant than
 * the first may have: a policy knows the smallest that a request accepts, not the largest.
 * @param chosen variant that all of them accept, if it is not too large
 */
export function batchOf<Request extends QueuedRequest>(
  candidates: readonly Request[],
  chosen: number,
  times: ServiceTimes,
): Batch<Request> {
  const variant = Math.min(chosen, candidates[0].highestVariant ?? Infinity)
  return filled(candidates, variant, times, ({ lowestVariant, highestVariant = Infinity }) => {
    return lowestVariant <= variant && variant <= highestVariant
  })
}

/**
 * The first, which has no deadline, and as many of those after it as have none either, asked for the same variant, are of its kind
 * and fill a batch; fewer where it would be late for that alone.
 */
export function batchAsAsked<Request extends QueuedRequest>(
  { requests, dueMs }: InOrder<Request>,
  nowMs: number,
  times: ServiceTimes,
): Batch<Request> {
  const variant = requests[0].lowestVariant
  const slackMs = dueMs[0] - nowMs
  let most = times.largestBatch(variant, requests.length)
  if (times.ms(variant, 0) <= slackMs) while (times.ms(variant, most) > slackMs) most--
  const candidates = requests.slice(0, times.batchSize(most))
  return filled(candidates, variant, times, (other) => {
    return !hasDeadline(other) && other.lowestVariant === variant
  })
}

function filled<Request extends QueuedRequest>(
  candidates: readonly Request[],
  variant: number,
  times: ServiceTimes,
  mayHave: (request: Request) => boolean,
): Batch<Request> {
  const { kind } = candidates[0]
  let count = 1
  while (count < candidates.length) {
    const next = candidates[count]
    if (next.kind !== kind || !mayHave(next)) break
    count += 1
  }
  const batch = times.largestBatch(variant, count)
  return { variant, batch, requests: candidates.slice(0, times.batchSize(batch)) }
}
