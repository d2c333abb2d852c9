/**
 * Model-Switching (Zhang et al., HotCloud 2020): every variant is profiled for the load that it carries; the largest whose
 * limit is above the load of the last second serves, or a smaller one where it would be late.
 */
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { serveAtMost } from './queue-fit.ts'
import { stateless } from './stateless.ts'

/** @param limitsPerS the profile, see `loadLimitsPerS`. Shape [variants] */
export function modelSwitching(limitsPerS: readonly number[]): SchedulingPolicy {
  return stateless('model-switching', (observation) => {
    // The longest window, of 200 services of the largest variant, is about a second.
    const ratePerS = observation.arrivalRatesPerS.at(-1) as number
    const variant = limitsPerS.findLastIndex((limitPerS) => limitPerS >= ratePerS)
    return serveAtMost(observation, variant)
  })
}
