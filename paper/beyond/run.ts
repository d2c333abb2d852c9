/** The runs of this experiment: one agent in one simulated fleet, judged at every step by what its decisions truly cost. */
import type { Scenario } from '../experiment.ts'

/** The paper's fleet in a scenario of Table IV, or one drawn at random: few kinds of devices, or every device different. */
export type FleetKind = Scenario | 'classes' | 'unique'

export type Study =
  | 'learners'
  | 'fleets'
  | 'slow responses'
  | 'drift'
  | 'membership'
  | 'accuracies'
  | 'traffic'
  | 'delivery'

interface BeyondSettings {
  readonly kind: 'beyond'
  /** What the run is for: see `sweep.ts`. */
  readonly study: Study
  readonly agent: string
  readonly feedback?: 'average' | 'per-device'
  /** As after `--set`. */
  readonly overrides?: Readonly<Record<string, number>>
  readonly fleet: FleetKind
  readonly users: number
  /** Percent; 0 for none. */
  readonly goal: number
  /** Relative standard deviation of one response time. */
  readonly noise: number
  /** Share of the responses that are slow, and by which factor. */
  readonly slow?: { readonly share: number; readonly factor: number }
  /** Share of the responses that never come. */
  readonly lost?: number
  /** Of the fleet, the noise and the agent. */
  readonly seed: number
}

/** Learning in a fleet that stays as it is. */
export interface LearningRun extends BeyondSettings {
  readonly part: 'learning'
  readonly steps: number
  /** Steps for which a good decision must stay good. */
  readonly horizon: number
  /** Steps after which the greedy decision is no longer checked; by default it always is. */
  readonly checkedSteps?: number
  /** How many answers of each variant the accuracies were measured on that the agent is told; without it they are true. Every answer tells whether it is right. */
  readonly measuredOn?: number
  /** Whether every request asks for its decision, as in the paper and by default, or the device has it already. Only in a fleet of the paper. */
  readonly decisions?: 'consulted' | 'pushed'
}

/** `links`: 40 % of the devices' links turn from regular to weak or back. Else the busiest edge, or a fifth of the devices, become slower. */
export interface DriftEvent {
  readonly what: 'links' | 'edge' | 'devices'
  /** Of `links`: 1. */
  readonly factor: number
}

/** As many steps before an event, after it, and after its end. */
export interface DriftRun extends BeyondSettings {
  readonly part: 'drift'
  readonly stepsEach: number
  readonly event: DriftEvent
  /** Whether Table II's state tells of it. */
  readonly observed: boolean
}

/** Devices join and leave: a quarter joins after the first phase, another quarter leaves after the second. */
export interface MembershipRun extends BeyondSettings {
  readonly part: 'membership'
  readonly stepsEach: number
  /** Whether the agent goes on with what it knows, or another one begins anew. */
  readonly carriesOver: boolean
}

/** Every device sends requests at its own pace, and queues carry over from decision to decision. */
export interface TrafficRun extends BeyondSettings {
  readonly part: 'traffic'
  /** Simulated time. */
  readonly seconds: number
  /** Whether the agent hears of every answer when it comes, or of rounds: an answer of each device to a request sent under one decision. */
  readonly hears: 'answers' | 'rounds'
  /** Average pause of a device from an answer to its next request; each has its own, from half to twice it. */
  readonly pauseMs: number
}

export type BeyondRun = LearningRun | DriftRun | MembershipRun | TrafficRun

/** Steps until the greedy decision is within so much of the optimum and stays there as long as is looked; null: not seen. */
export type Settled = Readonly<Record<'1 %' | '2 %' | '5 %', number | null>>

/** Response times are noise-free averages over the devices. */
export interface LearningOutcome {
  /** Of the best decision. */
  readonly optimumMs: number
  /** Of the last greedy decision. */
  readonly lastMs: number
  /** Staying there up to `horizon`. */
  readonly settledAt: Settled
  /** Staying there up to the last check. */
  readonly settledForGoodAt: Settled
  /** Steps to convergence by the rule of Table VI; null: not shown. */
  readonly convergedAt: number | null
  /** Of the decisions taken, above the optimum, percent of it: over the first 100 steps, and over all. */
  readonly extraPercent: { readonly first100: number; readonly all: number }
  /** The same summed over the first 100 steps, ms. */
  readonly regretMs: number
  /** Decisions below the goal by true accuracies, taken or greedy. */
  readonly violations: number
  /** Of deciding and learning, without the checks. */
  readonly computationSeconds: number
}

export interface Phase {
  readonly optimumMs: number
  /** Response times of the decisions taken less that of the best decision, summed, ms. */
  readonly regretMs: number
  /** Counted from the beginning of the phase, to its end. */
  readonly settledAt: Settled
}

export interface PhasesOutcome {
  readonly phases: readonly Phase[]
  /** Of drift: whether the greedy decision at the event became slower by it. */
  readonly isHit?: boolean
  /** Of drift: steps after the event until the agent says that something became slower; null: not within the phase. Absent where the agent tells nothing. */
  readonly foundAfter?: number | null
  readonly violations: number
}

export interface TrafficOutcome {
  /** Average of the devices' average response times in each tenth of the time, ms; null where a device had no answer. */
  readonly averagesMs: readonly (number | null)[]
  /** The same over a long time without noise: of the best decision that changing single devices found, this agent's included. */
  readonly bestMs: number
  /** Of the plan on curves that traffic has. */
  readonly plannedMs: number
  /** Of the last greedy decision. */
  readonly lastMs: number
  readonly answers: number
  /** Decisions put in force. */
  readonly decisionsTaken: number
  readonly violations: number
}

export type BeyondResult =
  | (LearningRun & { readonly outcome: LearningOutcome })
  | (DriftRun & { readonly outcome: PhasesOutcome })
  | (MembershipRun & { readonly outcome: PhasesOutcome })
  | (TrafficRun & { readonly outcome: TrafficOutcome })

/** One line of `runs.jsonl`. */
export type FinishedBeyondRun = BeyondResult & {
  readonly commit: string
  readonly machine: string
}
