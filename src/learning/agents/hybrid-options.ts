import { ConfigError } from '../../errors.ts'
import type { Engine } from '../nn/engine.ts'
import type { Hyperparameters } from './hyperparameters.ts'
import type { Regime } from './regime.ts'

export const MODES = ['verified', 'repaired', 'literal'] as const

/**
 * How lines 30 and 33 of Algorithm 1 are read. `verified`: `take step` of line 30 is a real step, as it is in line 11:
 * suggestions are tried, count as real steps, and teach all three buffers. `repaired`: it is a step of the System Model, and all
 * of D_plan is predicted anew each epoch. `literal`: it is a step of the System Model, and r stays what it was first predicted
 * to be.
 */
export type Mode = (typeof MODES)[number]

/**
 * What r is learned from: the average response time of the round alone, as in the paper's experiments, or every device's own,
 * which the paper's devices report too and which carry far less noise (`ResponseTimes`).
 */
export type Feedback = 'average' | 'per-device'

export interface HybridOptions {
  readonly seed: number
  readonly engine: Engine
  readonly hyperparameters: Hyperparameters
  /** `verified` by default. */
  readonly mode?: Mode
  /** How the goal is met; `exact` by default. As printed (`literal`), the penalty is one more cost for Q and System. */
  readonly regime?: Regime
  /** `average` by default. */
  readonly feedback?: Feedback
}

/**
 * The options with their defaults.
 * @throws ConfigError when they contradict each other
 */
export function resolved(options: HybridOptions): Required<HybridOptions> {
  const { mode = 'verified', regime = 'exact', feedback = 'average' } = options
  const { constraint } = options.hyperparameters
  const head = constraint.head && mode !== 'literal'
  if (regime === 'penalty' && !head && feedback === 'per-device') {
    throw new ConfigError(
      'a penalty as one more cost says nothing of single devices: leave --feedback per-device, or use --mode verified',
    )
  }
  const hyperparameters = { ...options.hyperparameters, constraint: { ...constraint, head } }
  return { ...options, mode, regime, feedback, hyperparameters }
}
