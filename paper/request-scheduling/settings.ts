/** What a run is asked: one scheduling policy on one node. */
import type { TrainerName } from '../../src/scheduling/learned/create.ts'
import type { TrainingOptions } from '../../src/scheduling/learned/training-node.ts'

/** The node that serves. */
export interface SchedulingNode {
  /** `cpu`: a batch takes as long as its requests one by one. `batching`: as on a GPU, large batches are cheap. */
  readonly profile: 'cpu' | 'batching'
  readonly workers: number
  /** Of every request, relative to its arrival. */
  readonly deadlineMs: number
}

/** How a policy is learned. */
export interface Training extends TrainingOptions {
  readonly trainer: TrainerName
}

export interface SchedulingSettings {
  readonly node: SchedulingNode
  /** Name of a built-in policy, or one of `BOUND`, `MEAN_RATE` and `TRUE_RATE`; of a learned policy what it is called. */
  readonly policy: string
  /** Of a learned policy: learned anew for this node with the seed of the run. */
  readonly training?: Training
  /** Of each workload, about so many: the first ones, or of one whose rate drifts all, as much faster as that takes. */
  readonly mostRequests: number
  /** The first ones last so long, even if they are more. */
  readonly leastMs: number
  /** Of an overload, so long: some policies carry it for seconds before they tip over. */
  readonly overloadMs: number
  /** Every how many of the workloads is run. */
  readonly everyScenario: number
  /** True service time ÷ profiled. */
  readonly slowdown: number
  /** Whether planned service times follow those measured. */
  readonly recalibrate: boolean
  /** Of arrivals and service times. */
  readonly seed: number
}

/** Not a policy: the highest effective accuracy that was possible, every arrival known. For one worker. */
export const BOUND = 'clairvoyant'
/** adaptive-smdp that knows a workload's mean rate instead of estimating that of the moment. */
export const MEAN_RATE = 'smdp-mean-rate'
/** adaptive-smdp that knows the true rate of the moment. */
export const TRUE_RATE = 'smdp-true-rate'
