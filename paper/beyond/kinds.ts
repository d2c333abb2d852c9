/** Finished runs by what was done, and what reports call them. */
import { GOALS, goalName } from '../experiment.ts'
import type { FinishedBeyondRun, Study } from './run.ts'
import { FACTORED, LEARNERS } from './sweep.ts'

export type Learned = Extract<FinishedBeyondRun, { part: 'learning' }>
export type Drifted = Extract<FinishedBeyondRun, { part: 'drift' }>
export type Trafficked = Extract<FinishedBeyondRun, { part: 'traffic' }>
export type Changed = Extract<FinishedBeyondRun, { part: 'membership' }>

export function learnedIn(runs: readonly FinishedBeyondRun[], study: Study): Learned[] {
  return runs.flatMap((run) => (run.part === 'learning' && run.study === study ? [run] : []))
}

export function learnerOf({ agent, feedback }: FinishedBeyondRun): string {
  const known = LEARNERS.find((each) => each.agent === agent && each.feedback === feedback)
  return known?.name ?? FACTORED.name
}

/** Learners that have runs, in the order of reports. */
export function learnersIn(runs: readonly FinishedBeyondRun[]): string[] {
  const present = new Set(runs.map(learnerOf))
  return LEARNERS.map(({ name }) => name).filter((name) => present.has(name))
}

/** Goals that have runs, from the lowest. */
export function goalsIn(runs: readonly FinishedBeyondRun[]): number[] {
  return Object.values(GOALS).filter((goal) => runs.some((run) => run.goal === goal))
}

/** What runs of different seeds have in common. */
export function cellOf({ fleet, users, goal }: FinishedBeyondRun): string {
  return `${fleet} ${users} ${goalName(goal)}`
}

export function usersName(users: number): string {
  return users.toLocaleString('en')
}

/** What is unusual of the responses, and of the agent. */
export function responsesOf({ slow, lost, overrides }: FinishedBeyondRun): string {
  const rule = overrides?.['slowResponses'] === 0 ? ', without the rule' : ''
  if (slow) return `${100 * slow.share} % take ${slow.factor} times as long${rule}`
  return lost === undefined ? `none slow or lost${rule}` : `${100 * lost} % lost${rule}`
}
