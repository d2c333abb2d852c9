/** All that `tierwise reproduce` knows of this folder: the experiments by name, and how a report becomes files. */
import type { Experiment } from './experiment.ts'
import * as table5 from './table-5/analysis.ts'
import { sweep as sweepTable5 } from './table-5/sweep.ts'
import * as table6 from './table-6/analysis.ts'
import { sweep as sweepTable6 } from './table-6/sweep.ts'

export type { Experiment, FinishedRun, Run } from './experiment.ts'
export { filesOf } from './files.ts'

export const experiments: readonly Experiment[] = [
  {
    name: 'table-5',
    title: table5.title,
    defaultSeeds: { full: 10, quick: 1 },
    sweep: sweepTable5,
    analyse: table5.analyse,
  },
  {
    name: 'table-6',
    title: table6.title,
    defaultSeeds: { full: 10, quick: 2 },
    sweep: sweepTable6,
    analyse: table6.analyse,
  },
]
