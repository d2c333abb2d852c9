/** Table V: whether hybrid finds the optimum, in every scenario and at every goal, five users. */
import { SCENARIOS } from '../../src/fleet/scenarios.ts'
import { combinations, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { HYBRID, settingsOf } from '../learners.ts'
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'

const FULL = { scenario: SCENARIOS, goal: Object.values(GOALS) }
/** The hardest links. */
const QUICK = { scenario: ['D'], goal: [GOALS['85 %']] } as const
/** Convergence can be shown up to half of it; of a quick run, up to step 60. */
const MAX_STEPS = { full: 1200, quick: 560 }

/** Table V as `tierwise reproduce` takes it. */
export const experiment: TrainingExperiment = {
  name: 'table-5',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  ...TRAINING,
  sweep: (options) =>
    combinations({ seed: seedsOf(options), ...(options.quick ? QUICK : FULL) }).map((cell) => {
      return {
        ...settingsOf(HYBRID),
        ...cell,
        users: 5,
        maxSteps: options.quick ? MAX_STEPS.quick : MAX_STEPS.full,
      }
    }),
  analyse,
}
