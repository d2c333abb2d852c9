import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import { type SchedulingPolicy, stateless } from '../scheduling-policy.ts'
import { queueFits, serveHead, serveSmallest } from './queue-fit.ts'

/** The largest variant with which every request now waiting would still make its deadline, else the smallest. */
export function uniformFit(): SchedulingPolicy {
  return stateless('uniform-fit', (observation) => {
    const variant = uniformVariant(observation)
    return variant < 0 ? serveSmallest(observation) : serveHead(observation, variant)
  })
}

/** Uniform-fit with early drop: `dropOrServeSmallest` when not even the smallest variant keeps all deadlines. */
export function uniformFitDrop(): SchedulingPolicy {
  return stateless('uniform-fit-drop', (observation) => {
    const variant = uniformVariant(observation)
    return variant < 0 ? dropOrServeSmallest(observation) : serveHead(observation, variant)
  })
}

/**
 * Early drop, for when no variant keeps all deadlines: the head is given up as soon as it is too late for a large batch, which
 * serves many in the time of few; else the smallest variant serves it.
 */
export function dropOrServeSmallest(observation: Observation): Action {
  return headBlocksBatch(observation) ? observation.actions.drop : serveSmallest(observation)
}

/** Index of the largest variant with which the whole queue is in time, −1 if there is none. */
export function uniformVariant(observation: Observation): number {
  let variant = observation.times.variants - 1
  while (variant >= 0 && !queueFits(observation, variant, variant)) variant--
  return variant
}

/** More wait than fill a batch that takes half the longest slack, and the head is too late for one. */
function headBlocksBatch({ queued, slackMs, lowestVariant, times }: Observation): boolean {
  const variant = lowestVariant[0]
  const longestMs = slackMs[queued - 1]
  let batch = times.batches - 1
  while (batch > 0 && 2 * times.ms(variant, batch) > longestMs) batch--
  return queued > times.batchSize(batch) && slackMs[0] < times.ms(variant, batch)
}
