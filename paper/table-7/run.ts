/** Table VII: what learning costs in time, of the runs of Table VI. */
import { experiment as table6 } from '../table-6/run.ts'
import type { TrainingExperiment } from '../trainings.ts'
import { analyse, title } from './analysis.ts'

export const experiment: TrainingExperiment = {
  ...table6,
  name: 'table-7',
  title,
  analyse,
}
