/** All that `tierwise reproduce` knows of this folder: the experiments by name, and how a report becomes files. */
import * as beyond from './beyond/analysis.ts'
import { sweep as sweepBeyond } from './beyond/sweep.ts'
import type { Experiment } from './experiment.ts'
import * as figure3 from './figure-3/analysis.ts'
import { sweep as sweepFigure3 } from './figure-3/sweep.ts'
import * as onlineLearning from './online-learning/analysis.ts'
import { sweep as sweepOnlineLearning } from './online-learning/sweep.ts'
import * as requestScheduling from './request-scheduling/analysis.ts'
import { sweep as sweepRequestScheduling } from './request-scheduling/sweep.ts'
import * as table5 from './table-5/analysis.ts'
import { sweep as sweepTable5 } from './table-5/sweep.ts'
import * as table6 from './table-6/analysis.ts'
import { sweep as sweepTable6 } from './table-6/sweep.ts'
import * as table7 from './table-7/analysis.ts'
import * as wandering from './wandering/analysis.ts'
import { sweep as sweepWandering } from './wandering/sweep.ts'

export type {
  BeyondResult,
  BeyondRun,
  DriftRun,
  LearningOutcome,
  LearningRun,
  MembershipRun,
  Phase,
  PhasesOutcome,
  Settled,
  TrafficOutcome,
  TrafficRun,
} from './beyond/run.ts'
export type {
  AnyFinishedRun,
  AnyRun,
  Experiment,
  FinishedRun,
  Report,
  Run,
} from './experiment.ts'
export { filesOf, type ReportFile } from './files.ts'
export { overviewOf } from './html.ts'
export type {
  FinishedSchedulingRun,
  ScenarioOutcome,
  SchedulingNode,
  SchedulingRun,
} from './request-scheduling/run.ts'

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
    defaultSeeds: { full: 10, quick: 1 },
    sweep: sweepTable6,
    analyse: table6.analyse,
  },
  {
    name: 'table-7',
    title: table7.title,
    defaultSeeds: { full: 10, quick: 1 },
    sweep: sweepTable6,
    analyse: table7.analyse,
  },
  {
    name: 'figure-3',
    title: figure3.title,
    defaultSeeds: { full: 10, quick: 2 },
    sweep: sweepFigure3,
    analyse: figure3.analyse,
  },
  {
    name: 'online-learning',
    title: onlineLearning.title,
    defaultSeeds: { full: 10, quick: 1 },
    sweep: sweepOnlineLearning,
    analyse: onlineLearning.analyse,
  },
  {
    name: 'wandering',
    title: wandering.title,
    defaultSeeds: { full: 10, quick: 1 },
    sweep: sweepWandering,
    analyse: wandering.analyse,
  },
  {
    name: 'beyond',
    title: beyond.title,
    defaultSeeds: { full: 20, quick: 1 },
    sweep: sweepBeyond,
    analyse: beyond.analyse,
  },
  {
    name: 'request-scheduling',
    title: requestScheduling.title,
    defaultSeeds: { full: 5, quick: 1 },
    sweep: sweepRequestScheduling,
    analyse: requestScheduling.analyse,
  },
]
