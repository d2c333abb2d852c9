/** What a run is asked: one scheduling policy on one node. */
import type { TrainerName } from '../../src/scheduling/learned/create.ts'
import type { TrainingOptions } from '../../src/scheduling/learned/training-node.ts'

/** The node that serves. */
export interface SchedulingNode {
  /** `mobilenet`: four widths. `fashion`: the trained ladder that ships with Tierwise. */
  readonly ladder: 'mobilenet' | 'fashion'
  /** `cpu`: a batch takes as long as its requests one by one. `batching`: as on a GPU, large batches are cheap. */
  readonly profile: 'cpu' | 'batching'
  readonly workers: number
  /** Deadline of every request, relative to its arrival, in services of the largest variant. */
  readonly deadlineServices: number
}

/** How a policy is learned. */
export interface Training extends TrainingOptions {
  readonly trainer: TrainerName
  /** Of the training alone: no run is served with it. */
  readonly seed: number
}

/** All that fixes a run. */
export interface SchedulingSettings {
  readonly node: SchedulingNode
  /** Name of a built-in policy, or one of the names below; of a learned policy what it is called. */
  readonly policy: string
  /** Of a learned policy: learned anew for this node. */
  readonly training?: Training
  /** Of each workload, about so many: the first ones, or of one whose rate drifts all, as much faster as that takes. */
  readonly mostRequests: number
  /** The first ones last so long, even if they are more. */
  readonly leastMs: number
  /** Of an overload, so long: some policies carry it for a while before they tip over. */
  readonly overloadMs: number
  /** Every how many of the workloads is run. */
  readonly everyScenario: number
  /** True service time ÷ profiled. */
  readonly slowdown: number
  /** Whether planned service times follow those measured. */
  readonly recalibrate: boolean
  /** Of arrivals and service times: the first one, where a run has several. */
  readonly seed: number
  /** Served one after the other, as training takes long and serving does not. */
  readonly seeds: number
}

/** Not a policy: between which ends the best is, every arrival known. For one worker. */
export const BOUND = 'clairvoyant'
/** Not a policy: the variant that would have been the best for all requests of a workload, chosen in hindsight. */
export const BEST_FIXED = 'best fixed in hindsight'
/** adaptive-smdp that knows a workload's mean rate instead of estimating that of the moment. */
export const MEAN_RATE = 'smdp-mean-rate'
/** adaptive-smdp that knows the true rate of the moment. */
export const TRUE_RATE = 'smdp-true-rate'
