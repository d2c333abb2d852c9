/** One variant for every request, without regard to the load: what a server without a scheduler does. */
import { largestBatch, type Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { stateless } from './stateless.ts'

/** @param variant index in the ladder */
export function fixed(variant: number): SchedulingPolicy {
  return stateless(`fixed-${variant}`, (observation) => serveOrDrop(observation, variant))
}

export function smallest(): SchedulingPolicy {
  return stateless('smallest', (observation) => serveOrDrop(observation, 0))
}

export function largest(): SchedulingPolicy {
  return stateless('largest', (observation) =>
    serveOrDrop(observation, observation.times.variants - 1),
  )
}

/** Serves the head with this variant, or the smallest larger one that it accepts; drops a head too late for it. */
function serveOrDrop(observation: Observation, variant: number) {
  const { actions, lowestVariant } = observation
  const accepted = Math.max(variant, lowestVariant[0])
  const batch = largestBatch(observation, accepted)
  return batch < 0 ? actions.drop : actions.serve(accepted, batch)
}
