/**
 * Model-Switching (Zhang et al., HotCloud 2020): every variant is profiled for the load that it carries; the largest whose
 * limit is above the load of the last second serves, or a smaller one where it would be late.
 */
import { Random } from '../../random.ts'
import { loadLimitPerS } from '../load-limit.ts'
import type { Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { ServiceTimes } from '../service-times.ts'
import { serveAtMost } from './queue-fit.ts'
import { stateless } from './stateless.ts'

/** Share of late requests at which a variant counts as at its limit. */
const LATE_SHARE = 0.01
const PROFILE_SEED = 1

export interface ProfiledPolicyOptions {
  /** Service times as profiled; recalibration does not move the profile. */
  readonly times: ServiceTimes
  readonly workers: number
  /** Of most requests, relative to their arrival. */
  readonly deadlineMs: number
}

export function modelSwitching({
  times,
  workers,
  deadlineMs,
}: ProfiledPolicyOptions): SchedulingPolicy {
  const limitsPerS = times.ladder.variants.map((_, variant) => {
    const options = { times, variant, workers, deadlineMs, lateShare: LATE_SHARE }
    return loadLimitPerS(options, new Random(PROFILE_SEED))
  })
  return stateless('model-switching', (observation) => {
    const rate = loadPerS(observation)
    const variant = limitsPerS.findLastIndex((limitPerS) => limitPerS >= rate)
    return serveAtMost(observation, Math.max(0, variant))
  })
}

/** Arrival rate over the longest window, of 200 services of the largest variant: about a second. */
function loadPerS({ arrivalRatesPerS }: Observation): number {
  return arrivalRatesPerS.at(-1) as number
}
