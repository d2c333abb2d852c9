/** The time that requests with a deadline have, beside those without one. */

import type { emptyObservation } from './observation.ts'
import { hasDeadline, type InOrder, type QueuedRequest } from './request-queue.ts'

/**
 * Fills in the requests with a deadline that wait: their number, slack and smallest variants. The slack is what is left
 *
 *   · to the deadline, less the reserve for hold-ups and the time of all without a deadline that are served before; and
 *   · for each without a deadline that is served after, less its own time, so that it makes its soft deadline.
 *
 * It is at least what the smallest variant takes; for the second at least as long as that takes for a full batch: one that is
 * late already makes others hurry, and drops none.
 * @returns them, in order of service
 */
export function fillQueue<Request extends QueuedRequest>(
  observation: ReturnType<typeof emptyObservation>,
  { requests, dueMs }: InOrder<Request>,
  nowMs: number,
): readonly Request[] {
  const { slackMs, lowestVariant, apart, times, workers } = observation
  const softs = countSofts(requests)
  let softMs = 0
  let at = 0
  let kindBefore: QueuedRequest['kind'] = requests[0]?.kind
  for (const request of requests) {
    if (hasDeadline(request)) {
      const neededMs = times.ms(request.lowestVariant, 0)
      slackMs[at] = Math.max(neededMs, request.deadlineMs - nowMs - times.reserveMs - softMs)
      lowestVariant[at] = request.lowestVariant
      apart[at] = request.kind === kindBefore ? 0 : 1
      kindBefore = request.kind
      at += 1
    } else softMs += times.shareMs(request.lowestVariant, softs) / workers
  }
  observation.queued = at
  if (softMs === 0) return requests
  leaveRoom(observation, { requests, dueMs }, nowMs, { softs, softMs })
  return requests.filter(hasDeadline)
}

/** @param beside requests without a deadline, and their time on all workers together */
function leaveRoom<Request extends QueuedRequest>(
  { queued, slackMs, lowestVariant, times, workers }: ReturnType<typeof emptyObservation>,
  { requests, dueMs }: InOrder<Request>,
  nowMs: number,
  { softs, softMs }: { readonly softs: number; readonly softMs: number },
): void {
  let leftMs = Infinity
  let throughMs = softMs
  let at = queued - 1
  for (let place = requests.length - 1; place >= 0; place--) {
    const request = requests[place]
    if (hasDeadline(request)) {
      const lowest = lowestVariant[at]
      const leastMs = times.ms(lowest, times.largestBatch(lowest, queued))
      slackMs[at] = Math.min(slackMs[at], Math.max(leastMs, leftMs))
      at -= 1
    } else {
      leftMs = Math.min(leftMs, dueMs[place] - nowMs - throughMs)
      throughMs -= times.shareMs(request.lowestVariant, softs) / workers
    }
  }
}

function countSofts(requests: readonly QueuedRequest[]): number {
  let softs = 0
  for (const request of requests) if (!hasDeadline(request)) softs += 1
  return softs
}
