/**
 * SlackFit, as in SuperServe (Khare et al., NSDI 2025): all (variant, batch size) pairs are sorted into buckets of service
 * time; the slowest bucket that the head's slack allows; in it the largest batch, then the most accurate variant. The
 * batch takes as many as wait, if fewer.
 */
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { serveAtMost } from './queue-fit.ts'
import { stateless } from './stateless.ts'

/** Of equal width from the shortest to the longest service time. */
const BUCKETS = 16

export function slackFit(): SchedulingPolicy {
  return stateless('slack-fit', decide)
}

function decide(observation: Observation): Action {
  const { times, slackMs } = observation
  const shortestMs = times.ms(0, 0)
  const widthMs = (times.ms(times.variants - 1, times.batches - 1) - shortestMs) / BUCKETS
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
  return serveAtMost(observation, bestVariant)
}
