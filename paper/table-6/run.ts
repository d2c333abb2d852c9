/** Table VI: how many real steps every learner takes, by number of users and goal, in scenario A. Table VII is of the same runs. */
import { combinations, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import { entrantOf, LEARNERS, type Learner, QUICK_HYBRID_STEPS, settingsOf } from '../learners.ts'
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'

const FULL = { users: [3, 4, 5], goal: Object.values(GOALS) }
const QUICK = { users: [3], goal: [GOALS['85 %']] }
/** Other modes compute for long, and seldom converge at all. */
const QUICK_OTHER_MODES_STEPS = 200

/** Table VI as `tierwise reproduce` takes it. */
export const experiment: TrainingExperiment = {
  name: 'table-6',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  entersAgents: true,
  ...TRAINING,
  sweep(options) {
    const problems = combinations(options.quick ? QUICK : FULL)
    const learners = [...LEARNERS, ...(options.agents ?? []).map(entrantOf)]
    return seedsOf(options).flatMap((seed) =>
      learners.flatMap((learner) =>
        problems.flatMap((problem) => {
          const most = learner.maxSteps[problem.users]
          if (most === undefined) return []
          const maxSteps = options.quick ? quickSteps(learner, most) : most
          return { ...settingsOf(learner), scenario: 'A' as const, ...problem, seed, maxSteps }
        }),
      ),
    )
  },
  analyse,
}

function quickSteps({ agent, mode }: Learner, most: number): number {
  if (agent !== 'hybrid') return most
  return mode ? QUICK_OTHER_MODES_STEPS : QUICK_HYBRID_STEPS
}
