/** Finished runs by what was done, and what reports call them. */
import type { Run } from '../experiment.ts'
import { goalName } from '../goals.ts'
import { grouped } from '../runs.ts'
import type { PhasesOutcome } from './run/drift.ts'
import type { LearningOutcome } from './run/learning.ts'
import type { TrafficOutcome } from './run/traffic.ts'
import type {
  BeyondSettings,
  DriftSettings,
  LearningSettings,
  MembershipSettings,
  Study,
  TrafficSettings,
} from './settings.ts'
import { FACTORED, LEARNERS } from './sweep.ts'

export type BeyondOutcome = LearningOutcome | PhasesOutcome | TrafficOutcome
export type BeyondRun = Run<BeyondSettings, BeyondOutcome>
export type Learned = Run<LearningSettings, LearningOutcome>
export type Drifted = Run<DriftSettings, PhasesOutcome>
export type Changed = Run<MembershipSettings, PhasesOutcome>
export type Trafficked = Run<TrafficSettings, TrafficOutcome>

interface Parts {
  readonly learning: Learned
  readonly drift: Drifted
  readonly membership: Changed
  readonly traffic: Trafficked
}

/** The part of the settings says what the result is: see `run.ts`. */
export function runsOf<Part extends keyof Parts>(
  runs: readonly BeyondRun[],
  part: Part,
): Parts[Part][] {
  return runs.filter((run): run is Parts[Part] => run.settings.part === part)
}

export function learnedIn(runs: readonly BeyondRun[], study: Study): Learned[] {
  return runsOf(runs, 'learning').filter(({ settings }) => settings.study === study)
}

export function learnerOf({ settings: { agent, feedback } }: BeyondRun): string {
  const known = LEARNERS.find((each) => each.agent === agent && each.feedback === feedback)
  return known?.name ?? FACTORED.name
}

/** Learners that have runs, in the order of reports. */
export function learnersIn(runs: readonly BeyondRun[]): string[] {
  const present = new Set(runs.map(learnerOf))
  return LEARNERS.map(({ name }) => name).filter((name) => present.has(name))
}

/** What runs of different seeds have in common. */
export function cellOf({ settings: { fleet, users, goal } }: BeyondRun): string {
  return `${fleet} ${users} ${goalName(goal)}`
}

/** Values of the runs, a group for every cell. */
export function byCell<R extends BeyondRun>(
  runs: readonly R[],
  numberOf: (run: R) => number,
): number[][] {
  return grouped(runs, cellOf).map(([, own]) => own.map(numberOf))
}

export function usersName(users: number): string {
  return users.toLocaleString('en')
}

/** What is unusual of the responses, and of the agent. */
export function responsesOf({ settings: { slow, lost, overrides } }: BeyondRun): string {
  const rule = overrides?.['slowResponses'] === 0 ? ', without the rule' : ''
  if (slow) return `${100 * slow.share} % take ${slow.factor} times as long${rule}`
  return lost === undefined ? `none slow or lost${rule}` : `${100 * lost} % lost${rule}`
}
