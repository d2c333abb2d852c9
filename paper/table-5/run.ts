/** Table V: whether hybrid finds the optimum, in every scenario and at every goal, five users. */
import { SCENARIOS } from '../../src/fleet/scenarios.ts'
import { combinations, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { HYBRID, QUICK_HYBRID_STEPS, settingsOf } from '../learners.ts'
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'

const FULL = { scenario: SCENARIOS, goal: Object.values(GOALS) }
/** The hardest links. */
const QUICK = { scenario: ['D'], goal: [GOALS['85 %']] } as const
/** Convergence can be shown up to half of it. */
const MAX_STEPS = 1200

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
        maxSteps: options.quick ? QUICK_HYBRID_STEPS : MAX_STEPS,
      }
    }),
  analyse,
}
