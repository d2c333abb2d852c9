/** What fixes a run of this experiment. */
import type { Run, RunSettings } from '../experiment.ts'

/** What devices may do, each with more than the one before. */
export const STRATEGIES = ['one for all', 'variants', 'device', 'everywhere'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** Who holds what, and how fast it is. */
export const FLEETS = ['paper', 'small devices', 'slow devices'] as const

/** How long variants take beside each other: in proportion to their multiply-accumulates, or as measured. */
export const SPEEDS = ['counted', 'measured'] as const

/** Fewest percent of accuracy; top: 0.2 below the most accurate variant. */
export const GOALS = ['90', '91', '92', '92.5', 'top − 0.2'] as const

/** A leg that leaves a device over a regular or a weak link takes 23 or 77 ms. */
export const SCENARIOS = ['A', 'D'] as const

/** One plan, and the rounds it is tried in. */
export interface EscalationSettings extends RunSettings {
  readonly strategy: Strategy
  readonly fleet: (typeof FLEETS)[number]
  readonly speeds: (typeof SPEEDS)[number]
  readonly goal: (typeof GOALS)[number]
  readonly scenario: (typeof SCENARIOS)[number]
  readonly rounds: number
}

/** What was planned, and what its rounds took. Averages over the devices. */
export interface EscalationResult {
  readonly goalPercent: number
  readonly accuracyPercent: number
  readonly promisedMs: number
  readonly lowerBoundMs: number
  readonly gap: number
  readonly proven: boolean
  /** Of single requests, each escalated or not: rounds that happen, without noise. */
  readonly simulatedMs: number
  /** What is expected at edge and cloud together, users. */
  readonly load: number
  readonly decision: readonly string[]
}

/** One run, as it is stored. */
export type EscalationRun = Run<EscalationSettings, EscalationResult>
