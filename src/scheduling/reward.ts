import { mostAccurate } from '../fleet/choice.ts'
import type { Ladder } from './ladder.ts'

/** In answers of the most accurate variant. */
export interface Rewards {
  /** For an answer in time, by variant. Shape [variants] */
  readonly onTime: Float64Array
  /** For a request dropped or answered late. */
  readonly violation: number
}

/**
 * Regret: 0 for the most accurate variant in time, −1 for a violation. As arrivals do not depend on the policy, the policy
 * with the highest mean has the highest effective accuracy (0 for what is not in time) when violations have no price.
 * @param violationPrice what a violation costs beyond its lost accuracy; 1 doubles the loss
 */
export function regretRewards({ variants }: Ladder, violationPrice = 0): Rewards {
  const best = mostAccurate(variants).accuracyPercent
  const onTime = variants.map(({ accuracyPercent }) => accuracyPercent / best - 1)
  return { onTime: Float64Array.from(onTime), violation: -1 - violationPrice }
}
