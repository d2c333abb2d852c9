import { probit } from 'simple-statistics'
import type { Ladder } from '../ladder.ts'
import type { Observation } from '../observation.ts'
import { type SchedulingPolicy, stateless } from '../scheduling-policy.ts'
import { serveHead } from './queue-fit.ts'
import { dropOrServeSmallest, uniformVariant } from './uniform-fit.ts'
import { worthWithNext } from './worth-with-next.ts'

/**
 * The built-in policy, and the prior of the learned ones: uniform-fit with early drop, which also leaves room for the
 * requests that are expected while the head is served, and for more of them the less a larger variant adds. The largest
 * variant with which all that wait, and those, would make their deadlines; else the smallest that the head accepts. With batches
 * see `worthWithNext`. Where the time of a worker is worth more to later requests, a smaller one: see `mostWorth`.
 */
export function anticipatingFit(): SchedulingPolicy {
  return stateless('anticipating-fit', (observation) => {
    const largest = uniformVariant(observation)
    if (largest < 0) return dropOrServeSmallest(observation)
    const servesBatches = observation.times.batches > 1
    const variant = (servesBatches ? worthWithNext : largestWithRoom)(observation, largest)
    return serveHead(observation, mostWorth(observation, variant))
  })
}

/** Up to this variant; else the smallest that the head accepts. */
function largestWithRoom(observation: Observation, most: number): number {
  const lowest = observation.lowestVariant[0]
  let variant = most
  while (variant > lowest && !hasRoom(observation, variant)) variant--
  return variant
}

/** Of the deviation of Poisson arrivals, since most real ones vary more. Chosen on the workloads of seeds 301 to 303. */
const DEVIATIONS = 2

/**
 * Whether those that wait and those expected during one service are served by this variant until the last of the latter
 * would have to be: a deadline after that service. More may come than expected, and would get the smallest.
 */
function hasRoom(observation: Observation, variant: number): boolean {
  const { nowMs, queued, slackMs, sinceArrivalMs, forecast, times, workers } = observation
  const lowest = observation.lowestVariant[0]
  const serviceMs = times.ms(variant, 0)
  const expected = forecast.expected(nowMs, serviceMs)
  const more = DEVIATIONS * caution(times.ladder, lowest, variant) * Math.sqrt(expected)
  const workMs = (queued + expected) * serviceMs + more * times.ms(lowest, 0)
  // The newest that waits came that long ago, and has so much of its deadline left.
  const deadlineMs = slackMs[queued - 1] + sinceArrivalMs
  return workMs / workers <= deadlineMs + serviceMs
}

/**
 * The newsvendor's quantile, in deviations: a request too many for this variant loses what the smallest would have
 * earned it, one too few what this variant would have added. Where variants differ little, a miss is worth far more.
 */
function caution({ variants }: Ladder, lowest: number, variant: number): number {
  const loss = variants[lowest].accuracyPercent
  const gain = variants[variant].accuracyPercent - loss
  return Math.max(0, probit(Math.max(0.5, 1 - gain / loss)))
}

/**
 * The variant, up to this one, whose answers are worth most, less what the time they take costs later requests. A request is lost
 * for each time of the smallest variant that is lost, and with it that variant's accuracy. Asked last: what a backlog costs is
 * learned from some hundred decisions, a forecast of the next service from a few arrivals.
 */
function mostWorth(observation: Observation, most: number): number {
  const { queued, slackMs, sinceArrivalMs, workers, workerResidualMs, times, congestion } =
    observation
  const { variants } = times.ladder
  const lowest = observation.lowestVariant[0]
  if (most <= lowest) return most
  const leastMs = times.leastShareMs(lowest)
  const restMs = times.shareMs(lowest, queued)
  let busyMs = 0
  for (let worker = 1; worker < workers; worker++) busyMs += workerResidualMs[worker]
  const roomMs = workers * Math.max(leastMs, slackMs[queued - 1] + sinceArrivalMs)
  let best = lowest
  let bestWorth = -Infinity
  for (let variant = lowest; variant <= most; variant++) {
    const batch = times.largestBatch(variant, queued)
    const served = times.batchSize(batch)
    const backlogMs = busyMs + times.ms(variant, batch) + (queued - served) * restMs
    const lostRequests = congestion.lostMs(backlogMs / roomMs) / leastMs
    const worth =
      served * variants[variant].accuracyPercent - lostRequests * variants[lowest].accuracyPercent
    if (worth < bestWorth) continue
    best = variant
    bestWorth = worth
  }
  return best
}
