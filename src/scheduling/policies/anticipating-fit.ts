import type { Observation } from '../observation.ts'
import { type SchedulingPolicy, stateless } from '../scheduling-policy.ts'
import { serveHead } from './queue-fit.ts'
import { dropOrServeSmallest, uniformVariant } from './uniform-fit.ts'

/**
 * The built-in policy, and the prior of the learned ones: uniform-fit with early drop, which also leaves room for the
 * requests that are expected while the head is served. The largest variant with which all that wait, and those, would make
 * their deadlines; else the smallest that the head accepts.
 */
export function anticipatingFit(): SchedulingPolicy {
  return stateless('anticipating-fit', (observation) => {
    let variant = uniformVariant(observation)
    if (variant < 0) return dropOrServeSmallest(observation)
    const lowest = observation.lowestVariant[0]
    while (variant > lowest && !hasRoom(observation, variant)) variant--
    return serveHead(observation, variant)
  })
}

/**
 * Whether those that wait and those expected during one service are served by this variant until the last of the latter
 * would have to be: a deadline after that service.
 */
function hasRoom(observation: Observation, variant: number): boolean {
  const { nowMs, queued, slackMs, sinceArrivalMs, forecast, times, workers } = observation
  const serviceMs = times.ms(variant, times.largestBatch(variant, queued))
  const requests = queued + forecast.expected(nowMs, serviceMs)
  // The newest that waits came that long ago, and has so much of its deadline left.
  const deadlineMs = slackMs[queued - 1] + sinceArrivalMs
  return (requests * times.shareMs(variant, requests)) / workers <= deadlineMs + serviceMs
}
