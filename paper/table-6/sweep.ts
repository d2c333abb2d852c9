/** Table VI: real steps to convergence by learner, number of users and goal, in scenario A. Table VII is of the same runs. */
import { GOALS, type Run, type SweepOptions, seedsOf } from '../experiment.ts'
import { LEARNERS, settingsOf } from '../learners.ts'

const USERS = [3, 4, 5]
const QUICK = { users: [3], goals: [GOALS.Min, GOALS['85 %']], mostSteps: 3000 }

export function sweep(options: SweepOptions): Run[] {
  const { users, goals, mostSteps } = options.quick
    ? QUICK
    : { users: USERS, goals: Object.values(GOALS), mostSteps: Number.POSITIVE_INFINITY }
  return seedsOf(options).flatMap((seed, index) =>
    LEARNERS.filter(({ mostSeeds = options.seeds }) => index < mostSeeds).flatMap((learner) =>
      users.flatMap((count) =>
        goals.flatMap((goal) => {
          const maxSteps = learner.maxSteps[count]
          if (maxSteps === undefined) return []
          const problem = { scenario: 'A' as const, users: count, goal, seed }
          return [{ ...settingsOf(learner), ...problem, maxSteps: Math.min(maxSteps, mostSteps) }]
        }),
      ),
    ),
  )
}
