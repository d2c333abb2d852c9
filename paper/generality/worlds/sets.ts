/** Which worlds choices may be made on, and which are reported on. Nothing is in both. */
import type { LawName } from './drawn-world.ts'
import type { NoiseName } from './noises.ts'

/** tuning: whoever makes an agent may look at them. reported: nobody may choose anything by them. */
export type WorldSet = 'tuning' | 'reported'

interface Laws {
  readonly laws: readonly LawName[]
  readonly noises: readonly NoiseName[]
  /** By what something becomes slower, or quicker, unseen. */
  readonly factors: readonly number[]
}

/** Where nothing is said of noise it is normal, 8 %, in both. */
export const SETS: Readonly<Record<WorldSet, Laws>> = {
  tuning: {
    laws: ['batches', 'quadratic', 'logarithm', 'swapping'],
    noises: ['normal 4 %', 'lognormal 0.3'],
    factors: [3, 1 / 3],
  },
  reported: {
    laws: [
      'waiting line',
      'jagged',
      'knee',
      'sigmoid',
      'warm',
      'first come',
      'thermal',
      'paging',
      'wireless channel',
      'memory bus',
    ],
    noises: [
      'normal 8 %',
      'lognormal 0.5',
      'Pareto 2.2',
      'AR(1) 0.15',
      'common 0.2',
      'tail at the cloud',
    ],
    factors: [2, 4, 1 / 4],
  },
}

/** For an agent at most, and as much for each, so that none is better for being worked on more. */
export const TUNING_BUDGET = { configurations: 20, seeds: 10 } as const

/** Seeds below are for tuning alone, those from it on for reporting alone. */
export const FIRST_REPORTED_SEED = 100_001
