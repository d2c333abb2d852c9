/** How many real steps until decisions are good: in every fleet, with every learner. */
import { compareAll, compareMedian, compareRatio } from '../comparison.ts'
import { goalName, goalsIn } from '../goals.ts'
import type { Cell, Comparison } from '../report.ts'
import { distinct, runsWith, valuesOf } from '../runs.ts'
import { interquartileMean, median, percentile } from '../statistics.ts'
import { paperSteps } from '../table-6/paper-steps.ts'
import {
  type BeyondRun,
  byCell,
  type Learned,
  learnedIn,
  learnerOf,
  learnersIn,
  responsesOf,
  usersName,
} from './kinds.ts'
import type { Settled } from './run/settling.ts'
import { FACTORED } from './sweep.ts'

export const LEARNER_STEPS =
  'real steps until good for the rest of the first 300, scenarios A to D, five users'
export const FLEET_STEPS = 'real steps until good for the rest of the run, fleets drawn at random'
export const SLOW_STEPS =
  'real steps until good for the rest of 300, slow or lost responses, five users'
export const CONVERGED = 'real steps to convergence by the rule of Table VI'
export const RATIO = 'times as many real steps as factored, by the rule of Table VI'

const P95 = ' p95'
const TOLERANCES: readonly (keyof Settled)[] = ['1 %', '2 %', '5 %']

export function stepsOf(
  runs: readonly BeyondRun[],
  uniform: () => number,
): {
  readonly settled: Comparison[]
  readonly converged: Comparison[]
  readonly ratios: Comparison[]
} {
  const learners = learnedIn(runs, 'learners')
  return {
    settled: [
      ...byLearner(learners, uniform),
      ...byFleet(learnedIn(runs, 'fleets'), uniform),
      ...byResponses(learnedIn(runs, 'slow responses'), uniform),
    ],
    ...convergedOf(learners, uniform),
  }
}

function byLearner(runs: readonly Learned[], uniform: () => number): Comparison[] {
  return learnersIn(runs).flatMap((learner) => {
    const own = runs.filter((run) => learnerOf(run) === learner)
    const byGoal = goalsIn(own).flatMap((goal) => {
      const cell = { learner, goal: goalName(goal) }
      return row(LEARNER_STEPS, cell, runsWith(own, { goal }), uniform)
    })
    return [...row(LEARNER_STEPS, { learner, goal: 'all' }, own, uniform), ...byGoal]
  })
}

function byFleet(runs: readonly Learned[], uniform: () => number): Comparison[] {
  return valuesOf(runs, 'fleet').flatMap((fleet) =>
    valuesOf(runs, 'users').flatMap((users) => {
      const own = runsWith(runs, { fleet, users })
      return row(FLEET_STEPS, { fleet, users: usersName(users) }, own, uniform)
    }),
  )
}

function byResponses(runs: readonly Learned[], uniform: () => number): Comparison[] {
  return valuesOf(runs, 'fleet').flatMap((fleet) =>
    distinct(runs.map(responsesOf)).flatMap((responses) => {
      const own = runsWith(runs, { fleet }).filter((run) => responsesOf(run) === responses)
      return row(SLOW_STEPS, { fleet, responses }, own, uniform)
    }),
  )
}

/** For each tolerance the interquartile mean and the 95th percentile. */
function row(
  measure: string,
  cell: Cell,
  runs: readonly Learned[],
  uniform: () => number,
): Comparison[] {
  return TOLERANCES.flatMap((tolerance) => {
    const counts = byCell(runs, ({ result }) => result.settledAt[tolerance] ?? Infinity)
    const unsettled = counts.flat().filter((count) => count === Infinity).length
    const note = `${unsettled} of ${runs.length} runs not settled`
    const mean = { measure, cell: { ...cell, within: tolerance }, note }
    const p95 = { measure, cell: { ...cell, within: `${tolerance}${P95}` } }
    return [
      ...compareAll(mean, counts, interquartileMean, uniform),
      ...compareAll(p95, counts, (values) => percentile(values, 0.95), uniform),
    ]
  })
}

/** Fewest steps of a run that can show convergence early on: the rule looks 500 ahead. */
const LONG_ENOUGH = 800

/** Beside the paper's counts, and as ratios to factored's in the same scenarios. */
function convergedOf(all: readonly Learned[], uniform: () => number) {
  const runs = all.filter(({ settings }) => settings.steps >= LONG_ENOUGH)
  const cells = learnersIn(runs).flatMap((learner) => {
    const own = runs.filter((run) => learnerOf(run) === learner)
    return goalsIn(own).map((goal) => ({ learner, goal, own: runsWith(own, { goal }) }))
  })
  const converged = cells.flatMap(({ learner, goal, own }) => {
    const settled = own.filter(({ result }) => result.convergedAt !== null).length
    const compared = {
      measure: CONVERGED,
      cell: { learner, goal: goalName(goal) },
      // Of its hybrid for ours, which does the same with another model.
      paper: paperSteps(5, goal, learner === FACTORED.name ? 'hybrid' : nameOf(learner)),
      better: learner === FACTORED.name || learner.startsWith('hybrid') ? 'low' : 'neither',
      note: `${settled} of ${own.length} converged`,
    } as const
    return compareMedian(compared, countsOf(own), uniform)
  })
  const ratios = cells.flatMap(({ learner, goal, own }) => {
    if (learner === FACTORED.name) return []
    const fleets = valuesOf(own, 'fleet')
    const factored = cells
      .filter((each) => each.learner === FACTORED.name && each.goal === goal)
      .flatMap((each) => each.own.filter(({ settings }) => fleets.includes(settings.fleet)))
    const [above, below] = [countsOf(own), countsOf(factored)]
    const note = `${median(above)} ÷ ${median(below)}`
    const cell = { learner, goal: goalName(goal) }
    return compareRatio({ measure: RATIO, cell, note }, above, below, uniform)
  })
  return { converged, ratios }
}

/** Of the agent: `hybrid per device` → `hybrid`. */
function nameOf(learner: string): string {
  return learner.split(' ')[0] ?? ''
}

/** Infinitely many where a run shows no convergence. */
function countsOf(runs: readonly Learned[]): number[] {
  return runs.map(({ result }) => result.convergedAt ?? Infinity)
}
