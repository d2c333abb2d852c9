/** What a run is asked: one agent in one simulated fleet, judged at every step by what its decisions truly cost. */
import type { Scenario } from '../../src/fleet/scenarios.ts'
import type { Feedback } from '../../src/learning/agents/hybrid-options.ts'
import type { Overrides } from '../../src/learning/agents/overrides.ts'
import type { Delivery } from '../../src/simulation/worlds/paper-world.ts'

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

interface CommonSettings {
  /** What the run is for: see `sweep.ts`. */
  readonly study: Study
  readonly agent: string
  readonly feedback?: Feedback
  /** As after `--set`. */
  readonly overrides?: Overrides
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
export interface LearningSettings extends CommonSettings {
  readonly part: 'learning'
  readonly steps: number
  /** Steps for which a good decision must stay good. */
  readonly horizon: number
  /** Steps after which the greedy decision is no longer checked; by default it always is. */
  readonly checkedSteps?: number
  /** How many answers of each variant the accuracies were measured on that the agent is told; without it they are true. Every answer tells whether it is right. */
  readonly measuredOn?: number
  /** Whether every request asks for its decision, as in the paper and by default, or the device has it already. Only in a fleet of the paper. */
  readonly decisions?: Delivery
}

/** `links`: 40 % of the devices' links turn from regular to weak or back. Else the busiest edge, or a fifth of the devices, become slower. */
export interface DriftEvent {
  readonly what: 'links' | 'edge' | 'devices'
  /** Of `links`: 1. */
  readonly factor: number
}

/** As many steps before an event, after it, and after its end. */
export interface DriftSettings extends CommonSettings {
  readonly part: 'drift'
  readonly stepsEach: number
  readonly event: DriftEvent
  /** Whether Table II's state tells of it. */
  readonly observed: boolean
}

/** Devices join and leave: a quarter joins after the first phase, another quarter leaves after the second. */
export interface MembershipSettings extends CommonSettings {
  readonly part: 'membership'
  readonly stepsEach: number
  /** Whether the agent goes on with what it knows, or another one begins anew. */
  readonly carriesOver: boolean
}

/** Every device sends requests at its own pace, and queues carry over from decision to decision. */
export interface TrafficSettings extends CommonSettings {
  readonly part: 'traffic'
  /** Simulated time. */
  readonly seconds: number
  /** Whether the agent hears of every answer when it comes, or of rounds: an answer of each device to a request sent under one decision. */
  readonly hears: 'answers' | 'rounds'
  /** Average pause of a device from an answer to its next request; each has its own, from half to twice it. */
  readonly pauseMs: number
}

export type BeyondSettings = LearningSettings | DriftSettings | MembershipSettings | TrafficSettings
