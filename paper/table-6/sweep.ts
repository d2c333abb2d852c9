/** Table VI: real steps to convergence by learner, number of users and goal, in scenario A. Table VII is of the same runs. */
import type { TrainingSettings } from '../../src/trial/training.ts'
import { type SweepOptions, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { LEARNERS, settingsOf } from '../learners.ts'

const USERS = [3, 4, 5]
const QUICK = { users: [3], goals: [GOALS.Min, GOALS['85 %']], mostHybridSteps: 700 }

export function sweep(options: SweepOptions): TrainingSettings[] {
  const { users, goals, mostHybridSteps } = options.quick
    ? QUICK
    : { users: USERS, goals: Object.values(GOALS), mostHybridSteps: Number.POSITIVE_INFINITY }
  return seedsOf(options).flatMap((seed, index) =>
    LEARNERS.filter(({ mostSeeds = options.seeds }) => index < mostSeeds).flatMap((learner) =>
      users.flatMap((count) =>
        goals.flatMap((goal) => {
          const most = learner.maxSteps[count]
          if (most === undefined) return []
          const maxSteps = learner.agent === 'hybrid' ? Math.min(most, mostHybridSteps) : most
          const problem = { scenario: 'A' as const, users: count, goal, seed, maxSteps }
          return [{ ...settingsOf(learner), ...problem }]
        }),
      ),
    ),
  )
}
