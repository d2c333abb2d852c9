/** The runs of this experiment: one scheduling policy on one node, on every workload in turn, in simulated time. */

/** The node that serves. */
export interface SchedulingNode {
  /** `cpu`: a batch takes as long as its requests one by one. `batching`: as on a GPU, large batches are cheap. */
  readonly profile: 'cpu' | 'batching'
  readonly workers: number
  /** Of every request, relative to its arrival. */
  readonly deadlineMs: number
}

export interface SchedulingRun {
  readonly kind: 'scheduling'
  readonly node: SchedulingNode
  /** Name of a built-in policy, or one of `BOUND`, `MEAN_RATE` and `TRUE_RATE`; of a learned policy what it is called. */
  readonly policy: string
  /** Of a learned policy: learned anew for this node with the seed of the run. */
  readonly training?: {
    readonly trainer: 'hindsight' | 'roll-outs' | 'policy-optimisation'
    /** Observations seen at once, recurrent units: the trainer's defaults are 1 and 0. */
    readonly frames?: number
    readonly recurrent?: number
    /** Default: the trainer's. */
    readonly rounds?: number
    /** Of a request dropped or late, in answers of the most accurate variant, beyond its lost accuracy. Default: 0. */
    readonly violationPrice?: number
    /** What it may know of the arrival rate, in learning and in serving. Default: averages of what came. */
    readonly rateKnowledge?: 'none' | 'true'
  }
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

export interface ScenarioOutcome {
  readonly scenario: string
  readonly family: string
  /** 1: what the workers sustain with the largest variant. */
  readonly load: number
  readonly requests: number
  readonly effectiveAccuracyPercent: number
  /** null: of the bound, or where nothing was answered in time. */
  readonly servedAccuracyPercent: number | null
  /** null: of the bound. */
  readonly violationPercent: number | null
}

/** One line of `runs.jsonl`. */
export interface FinishedSchedulingRun extends SchedulingRun {
  readonly outcomes: readonly ScenarioOutcome[]
  /** Of a learned policy: processor time, all threads. */
  readonly trainingSeconds?: number
  readonly commit: string
  readonly machine: string
}
