/** Table VI: how many real steps every learner takes. */
import { TRAINING, type TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'
import { sweep } from './sweep.ts'

export const experiment: TrainingExperiment = {
  name: 'table-6',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  ...TRAINING,
  sweep,
  analyse,
}
