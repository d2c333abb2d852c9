/** The experiments, in the order of reports: each takes the runs of those before it. One line for each folder. */
import type { Experiment } from './experiment.ts'

/** All of them. */
export const experiments: readonly Experiment[] = [
  (await import('./table-5/run.ts')).experiment,
  (await import('./table-6/run.ts')).experiment,
  (await import('./table-7/run.ts')).experiment,
  (await import('./ablation/run.ts')).experiment,
  (await import('./figure-3/run.ts')).experiment,
  (await import('./online-learning/run.ts')).experiment,
  (await import('./wandering/run.ts')).experiment,
  (await import('./beyond/run.ts')).experiment,
  (await import('./generality/run.ts')).experiment,
  (await import('./request-scheduling/run.ts')).experiment,
  (await import('./escalation/run.ts')).experiment,
  (await import('./shifts/run.ts')).experiment,
]
