/** Table V: hybrid learning in every scenario and at every goal, five users. */
import { GOALS, type Run, type Scenario, type SweepOptions, seedsOf } from '../experiment.ts'

const SCENARIOS: readonly Scenario[] = ['A', 'B', 'C', 'D']
/** Convergence can be shown up to half of it. */
const MAX_STEPS = 3000
/** A quick sweep takes the easiest and the hardest links. */
const QUICK: readonly Scenario[] = ['A', 'D']

export function sweep(options: SweepOptions): Run[] {
  const scenarios = options.quick ? QUICK : SCENARIOS
  return seedsOf(options).flatMap((seed) =>
    scenarios.flatMap((scenario) =>
      Object.values(GOALS).map((goal) => ({
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
