/** Figure 3: what hybrid and dqn have learned by every step, one to five users, scenario A. */
import { combinations, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { DQN, DQN_PENALTY, HYBRID, HYBRID_PENALTY, settingsOf } from '../learners.ts'
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'

/** Hybrid's end sooner, since there is nothing left to see. */
const CURVES = [
  { learner: HYBRID, maxSteps: 315 },
  { learner: DQN, maxSteps: 2500 },
  { learner: HYBRID_PENALTY, maxSteps: 400 },
  { learner: DQN_PENALTY, maxSteps: 1600 },
]
const FULL = { users: [1, 2, 3, 4, 5], goal: Object.values(GOALS) }
const QUICK = { users: [3], goal: [GOALS['85 %']] }
const QUICK_STEPS = 250

/** Figure 3 as `tierwise reproduce` takes it. */
export const experiment: TrainingExperiment = {
  name: 'figure-3',
  title,
  defaultSeeds: { full: 10, quick: 2 },
  ...TRAINING,
  sweep(options) {
    const problems = combinations(options.quick ? QUICK : FULL)
    return seedsOf(options).flatMap((seed) =>
      CURVES.flatMap(({ learner, maxSteps: most }) => {
        const maxSteps = options.quick ? Math.min(most, QUICK_STEPS) : most
        const length = { maxSteps, curveSteps: stepsUntil(maxSteps) }
        return problems.map((problem) => {
          return { ...settingsOf(learner), scenario: 'A' as const, ...problem, seed, ...length }
        })
      }),
    )
  },
  analyse,
}

/** Ten to a decade, evenly on a logarithmic axis. */
const PREFERRED = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8]

/** 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, …, at most `last`. */
export function stepsUntil(last: number): number[] {
  const steps = [1, 10, 100, 1000].flatMap((decade) =>
    PREFERRED.map((factor) => Math.round(decade * factor)),
  )
  return [...new Set(steps)].filter((step) => step <= last)
}
