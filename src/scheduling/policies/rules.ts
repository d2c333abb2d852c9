/** The rules of the literature that look at the moment alone, and what a server without a scheduler does. */
import type { Action } from '../action.ts'
import { largestBatch, type Observation } from '../observation.ts'
import { type SchedulingPolicy, stateless } from '../scheduling-policy.ts'
import { queueFits, serveAtMost, serveHead, serveSmallest } from './queue-fit.ts'

/** Of SlackFit: buckets of equal width from the shortest to the longest service time. */
const BUCKETS = 16

/** One variant for every request, without regard to the load. @param variant index in the ladder */
export function fixed(variant: number): SchedulingPolicy {
  return stateless(`fixed-${variant}`, (observation) => serveOrDrop(observation, variant))
}

/** The smallest variant for every request. */
export function smallest(): SchedulingPolicy {
  return stateless('smallest', (observation) => serveOrDrop(observation, 0))
}

/** The largest variant for every request. */
export function largest(): SchedulingPolicy {
  return stateless('largest', (observation) =>
    serveOrDrop(observation, observation.times.variants - 1),
  )
}

/** Serves the head with this variant, or the smallest larger one that it accepts; drops a head too late for it. */
function serveOrDrop(observation: Observation, variant: number): Action {
  const { actions, lowestVariant } = observation
  const accepted = Math.max(variant, lowestVariant[0])
  const batch = largestBatch(observation, accepted)
  return batch < 0 ? actions.drop : actions.serve(accepted, batch)
}

/** The largest variant with which the head makes its deadline. */
export function edfLargestFeasible(): SchedulingPolicy {
  return stateless('edf-largest-feasible', (observation) =>
    serveAtMost(observation, observation.times.variants - 1),
  )
}

/** The largest variant for the head such that the smallest can still serve all others in time. */
export function edfQuickestFirst(): SchedulingPolicy {
  return stateless('edf-quickest-first', (observation) => {
    let variant = observation.times.variants - 1
    while (variant >= 0 && !queueFits(observation, variant, 0)) variant--
    return variant < 0 ? serveSmallest(observation) : serveHead(observation, variant)
  })
}

/**
 * Model-Switching (Zhang et al., HotCloud 2020): every variant is profiled for the load that it carries; the largest whose
 * limit is above the load of the last second serves, or a smaller one where it would be late.
 * @param limitsPerS the profile, see `loadLimitsPerS`. Shape [variants]
 */
export function modelSwitching(limitsPerS: readonly number[]): SchedulingPolicy {
  return stateless('model-switching', (observation) => {
    // The longest window, of 200 services of the largest variant, is about a second.
    const ratePerS = observation.arrivalRatesPerS.at(-1) as number
    const variant = limitsPerS.findLastIndex((limitPerS) => limitPerS >= ratePerS)
    return serveAtMost(observation, variant)
  })
}

/**
 * SlackFit, as in SuperServe (Khare et al., NSDI 2025): all (variant, batch size) pairs are sorted into buckets of service
 * time; the slowest bucket that the head's slack allows; in it the largest batch, then the most accurate variant. The
 * batch takes as many as wait, if fewer.
 */
export function slackFit(): SchedulingPolicy {
  return stateless('slack-fit', (observation) =>
    serveAtMost(observation, variantInSlackOf(observation)),
  )
}

function variantInSlackOf({ times, slackMs }: Observation): number {
  const shortestMs = times.ms(0, 0)
  const last = times.variants - 1
  const longestMs = times.ms(last, times.largestBatch(last, Infinity))
  const widthMs = (longestMs - shortestMs) / BUCKETS
  let bestVariant = 0
  let bestBucket = -1
  let bestBatch = -1
  for (let variant = 0; variant < times.variants; variant++) {
    for (let batch = 0; batch < times.batches; batch++) {
      const plannedMs = times.ms(variant, batch)
      if (plannedMs > slackMs[0]) break
      const bucket = Math.floor((plannedMs - shortestMs) / widthMs)
      // Variants ascend, so the later of two equals is the more accurate.
      if (bucket < bestBucket || (bucket === bestBucket && batch < bestBatch)) continue
      bestVariant = variant
      bestBucket = bucket
      bestBatch = batch
    }
  }
  return bestVariant
}
