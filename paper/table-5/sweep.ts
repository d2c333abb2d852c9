/** Table V: hybrid learning in every scenario and at every goal, five users. */
import { GOALS, type Run, type Scenario, type SweepOptions, seedsOf } from '../experiment.ts'

const SCENARIOS: readonly Scenario[] = ['A', 'B', 'C', 'D']
/** Convergence can be shown up to half of it. */
const MAX_STEPS = 3000
/** The easiest and the hardest links. */
const QUICK = { scenarios: ['A', 'D'] as const, goals: [GOALS['85 %']] }

export function sweep(options: SweepOptions): Run[] {
  const { scenarios, goals } = options.quick
    ? QUICK
    : { scenarios: SCENARIOS, goals: Object.values(GOALS) }
  return seedsOf(options).flatMap((seed) =>
    scenarios.flatMap((scenario) =>
      goals.map((goal) => ({
        agent: 'hybrid',
        regime: 'exact' as const,
        scenario,
        users: 5,
        goal,
        seed,
        maxSteps: MAX_STEPS,
      })),
    ),
  )
}
