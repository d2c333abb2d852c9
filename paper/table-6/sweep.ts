/** Table VI: real steps to convergence by agent, number of users and goal, in scenario A. */
import { GOALS, type Run, type SweepOptions, seedsOf } from '../experiment.ts'

/** Most real steps by agent and number of users: about twice the largest counts expected, because the rule looks ahead. */
const MAX_STEPS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  hybrid: { 3: 3000, 4: 3000, 5: 3000 },
  dqn: { 3: 4000, 4: 6000, 5: 10_000 },
  'q-learning': { 3: 5000, 4: 40_000, 5: 300_000 },
}

const USERS = [3, 4, 5]
const QUICK_USERS = [3]

export function sweep(options: SweepOptions): Run[] {
  const users = options.quick ? QUICK_USERS : USERS
  return seedsOf(options).flatMap((seed) =>
    Object.entries(MAX_STEPS).flatMap(([agent, maxSteps]) =>
      users.flatMap((count) =>
        Object.values(GOALS).map((goal) => ({
          agent,
          scenario: 'A' as const,
          users: count,
          goal,
          seed,
          maxSteps: maxSteps[count] ?? 0,
        })),
      ),
    ),
  )
}
