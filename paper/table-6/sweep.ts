/** Table VI: real steps to convergence by agent, number of users and goal, in scenario A. */
import { GOALS, type Regime, type Run, type SweepOptions, seedsOf } from '../experiment.ts'

interface Learner {
  readonly agent: string
  readonly regime: Regime
  /** By number of users: about twice the largest count expected, because the rule of convergence looks ahead. */
  readonly maxSteps: Readonly<Record<number, number>>
}

const LEARNERS: readonly Learner[] = [
  { agent: 'hybrid', regime: 'exact', maxSteps: { 3: 3000, 4: 3000, 5: 3000 } },
  { agent: 'dqn', regime: 'exact', maxSteps: { 3: 4000, 4: 6000, 5: 10_000 } },
  { agent: 'q-learning', regime: 'exact', maxSteps: { 3: 5000, 4: 40_000, 5: 300_000 } },
  { agent: 'q-learning', regime: 'penalty', maxSteps: { 3: 5000, 4: 40_000, 5: 300_000 } },
]

const USERS = [3, 4, 5]
const QUICK_USERS = [3]

export function sweep(options: SweepOptions): Run[] {
  const users = options.quick ? QUICK_USERS : USERS
  return seedsOf(options).flatMap((seed) =>
    LEARNERS.flatMap(({ agent, regime, maxSteps }) =>
      users.flatMap((count) =>
        Object.values(GOALS).map((goal) => ({
          agent,
          regime,
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
