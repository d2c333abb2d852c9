/**
 * SlackFit, as in SuperServe (Khare et al., NSDI 2025): all (variant, batch size) pairs sorted into buckets of service
 * time; the slowest bucket that the head's slack allows; in it the largest batch, then the most accurate variant.
 */
import { type Action, canServe } from '../action.ts'
import type { Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { serveSmallest } from './queue-fit.ts'
import { stateless } from './stateless.ts'

/** Of equal width from the shortest to the longest service time. */
const BUCKETS = 16

export function slackFit(): SchedulingPolicy {
  return stateless('slack-fit', decide)
}

function decide(observation: Observation): Action {
  const { times, actions } = observation
  const shortestMs = times.ms(0, 0)
  const widthMs = (times.ms(times.variants - 1, times.batches - 1) - shortestMs) / BUCKETS
  let best = serveSmallest(observation)
  let bestBucket = -1
  let bestBatch = -1
  for (let variant = 0; variant < times.variants; variant++) {
    for (let batch = 0; batch < times.batches; batch++) {
      const bucket = Math.floor((times.ms(variant, batch) - shortestMs) / widthMs)
      // Variants ascend, so the later of two equals is the more accurate.
      const isBetter = bucket > bestBucket || (bucket === bestBucket && batch >= bestBatch)
      if (!isBetter || !canServe(observation, variant, batch)) continue
      best = actions.serve(variant, batch)
      bestBucket = bucket
      bestBatch = batch
    }
  }
  return best
}
