/** Table V: hybrid learning in every scenario and at every goal, five users. */
import { SCENARIOS } from '../../src/fleet/scenarios.ts'
import type { TrainingSettings } from '../../src/trial/training.ts'
import { type SweepOptions, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { HYBRID, settingsOf } from '../learners.ts'

/** Convergence can be shown up to half of it. */
const MAX_STEPS = 3000
/** The easiest and the hardest links. */
const QUICK = { scenarios: ['A', 'D'] as const, goals: [GOALS['85 %']] }

export function sweep(options: SweepOptions): TrainingSettings[] {
  const { scenarios, goals } = options.quick
    ? QUICK
    : { scenarios: SCENARIOS, goals: Object.values(GOALS) }
  return seedsOf(options).flatMap((seed) =>
    scenarios.flatMap((scenario) =>
      goals.map((goal) => ({
        ...settingsOf(HYBRID),
        scenario,
        users: 5,
        goal,
        seed,
        maxSteps: MAX_STEPS,
      })),
    ),
  )
}
