/** Figure 3: what hybrid and dqn have learned by every step, one to five users, scenario A. */
import type { TrainingSettings } from '../../src/trial/training.ts'
import { type SweepOptions, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { DQN, DQN_PENALTY, HYBRID, HYBRID_PENALTY, type Learner, settingsOf } from '../learners.ts'

interface Curve {
  readonly learner: Learner
  readonly maxSteps: number
  /** Fewer than the sweep's, because learning the goal costs several times the computation. */
  readonly mostSeeds?: number
}

/** Hybrid's end sooner, since there is nothing left to see. */
const CURVES: readonly Curve[] = [
  { learner: HYBRID, maxSteps: 1000 },
  { learner: DQN, maxSteps: 2500 },
  { learner: HYBRID_PENALTY, maxSteps: 630, mostSeeds: 5 },
  { learner: DQN_PENALTY, maxSteps: 1600, mostSeeds: 5 },
]

const USERS = [1, 2, 3, 4, 5]
const QUICK = { users: [2, 3], goals: [GOALS['85 %']], mostSteps: 250 }

/** Ten to a decade, evenly on a logarithmic axis. */
const PREFERRED = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8]

export function sweep(options: SweepOptions): TrainingSettings[] {
  const { users, goals, mostSteps } = options.quick
    ? QUICK
    : { users: USERS, goals: Object.values(GOALS), mostSteps: Number.POSITIVE_INFINITY }
  return seedsOf(options).flatMap((seed, index) =>
    CURVES.filter(({ mostSeeds = options.seeds }) => index < mostSeeds).flatMap(
      ({ learner, maxSteps }) =>
        users.flatMap((count) =>
          goals.map((goal) => {
            const last = Math.min(maxSteps, mostSteps)
            return {
              ...settingsOf(learner),
              scenario: 'A' as const,
              users: count,
              goal,
              seed,
              maxSteps: last,
              curveSteps: stepsUntil(last),
            }
          }),
        ),
    ),
  )
}

/** 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, …, at most `last`. */
export function stepsUntil(last: number): number[] {
  const steps = [1, 10, 100, 1000].flatMap((decade) =>
    PREFERRED.map((factor) => Math.round(decade * factor)),
  )
  return [...new Set(steps)].filter((step) => step <= last)
}
