/** Table V: whether hybrid finds the optimum, in every scenario and at every goal. */
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'
import { sweep } from './sweep.ts'

export const experiment: TrainingExperiment = {
  name: 'table-5',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  ...TRAINING,
  sweep,
  analyse,
}
