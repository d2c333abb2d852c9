/** Figure 3: what hybrid and dqn have learned by every step. */
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'
import { sweep } from './sweep.ts'

export const experiment: TrainingExperiment = {
  name: 'figure-3',
  title,
  defaultSeeds: { full: 10, quick: 2 },
  ...TRAINING,
  sweep,
  analyse,
}
