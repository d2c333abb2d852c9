/** The Online Learning paper: choosing the model together with the place. */
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'
import { sweep } from './sweep.ts'

export const experiment: TrainingExperiment = {
  name: 'online-learning',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  ...TRAINING,
  sweep,
  analyse,
}
