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
  const { slackMs, lowestVariant, times, workers } = observation
  let softMs = 0
  let at = 0
  for (const request of requests) {
    const neededMs = times.ms(request.lowestVariant, 0)
    if (hasDeadline(request)) {
      slackMs[at] = Math.max(neededMs, request.deadlineMs - nowMs - times.reserveMs - softMs)
      lowestVariant[at] = request.lowestVariant
      at += 1
    } else softMs += neededMs / workers
  }
  observation.queued = at
  if (softMs === 0) return requests
  leaveRoom(observation, { requests, dueMs }, nowMs, softMs)
  return requests.filter(hasDeadline)
}

/** @param softMs time of all without a deadline, on all workers together */
function leaveRoom<Request extends QueuedRequest>(
  { queued, slackMs, lowestVariant, times, workers }: ReturnType<typeof emptyObservation>,
  { requests, dueMs }: InOrder<Request>,
  nowMs: number,
  softMs: number,
): void {
  const batch = times.largestBatch(queued)
  let leftMs = Infinity
  let throughMs = softMs
  let at = queued - 1
  for (let place = requests.length - 1; place >= 0; place--) {
    const request = requests[place]
    if (hasDeadline(request)) {
      const leastMs = times.ms(lowestVariant[at], batch)
      slackMs[at] = Math.min(slackMs[at], Math.max(leastMs, leftMs))
      at -= 1
    } else {
      leftMs = Math.min(leftMs, dueMs[place] - nowMs - throughMs)
      throughMs -= times.ms(request.lowestVariant, 0) / workers
    }
  }
}
