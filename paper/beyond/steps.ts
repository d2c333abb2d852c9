/** How many real steps until decisions are good: in every fleet, with every learner. */
import { readFileSync } from 'node:fs'
import { compareMedian, compareRatio } from '../comparison.ts'
import { type Comparison, goalName } from '../experiment.ts'
import { interquartileMean, median, percentile } from '../statistics.ts'
import {
  cellOf,
  goalsIn,
  type Learned,
  learnedIn,
  learnerOf,
  learnersIn,
  responsesOf,
  usersName,
} from './kinds.ts'
import { distinct, grouped, measured } from './measured.ts'
import type { FinishedBeyondRun, Settled } from './run.ts'
import { FACTORED } from './sweep.ts'

type PaperRow = { readonly users: number; readonly goal: number } & Readonly<Record<string, number>>

const paperRows: readonly PaperRow[] = JSON.parse(
  readFileSync(new URL('../table-6/expected.json', import.meta.url), 'utf8'),
).rows

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
  runs: readonly FinishedBeyondRun[],
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
      return row(
        LEARNER_STEPS,
        cell,
        own.filter((run) => run.goal === goal),
        uniform,
      )
    })
    return [...row(LEARNER_STEPS, { learner, goal: 'all' }, own, uniform), ...byGoal]
  })
}

function byFleet(runs: readonly Learned[], uniform: () => number): Comparison[] {
  return distinct(runs.map(({ fleet }) => fleet)).flatMap((fleet) =>
    distinct(runs.map(({ users }) => users)).flatMap((users) => {
      const own = runs.filter((run) => run.fleet === fleet && run.users === users)
      return row(FLEET_STEPS, { fleet, users: usersName(users) }, own, uniform)
    }),
  )
}

function byResponses(runs: readonly Learned[], uniform: () => number): Comparison[] {
  return distinct(runs.map(({ fleet }) => fleet)).flatMap((fleet) =>
    distinct(runs.map(responsesOf)).flatMap((responses) => {
      const own = runs.filter((run) => run.fleet === fleet && responsesOf(run) === responses)
      return row(SLOW_STEPS, { fleet, responses }, own, uniform)
    }),
  )
}

/** For each tolerance the interquartile mean and the 95th percentile. */
function row(
  measure: string,
  cell: Readonly<Record<string, string>>,
  runs: readonly Learned[],
  uniform: () => number,
): Comparison[] {
  return TOLERANCES.flatMap((tolerance) => {
    const counts = grouped(runs, cellOf, ({ outcome }) => outcome.settledAt[tolerance] ?? Infinity)
    const unsettled = counts.flat().filter((count) => count === Infinity).length
    const note = `${unsettled} of ${runs.length} runs not settled`
    const mean = { measure, cell: { ...cell, within: tolerance }, note }
    const p95 = { measure, cell: { ...cell, within: `${tolerance}${P95}` } }
    return [
      ...measured(mean, counts, interquartileMean, uniform),
      ...measured(p95, counts, (values) => percentile(values, 0.95), uniform),
    ]
  })
}

/** Fewest steps of a run that can show convergence early on: the rule looks 500 ahead. */
const LONG_ENOUGH = 800

/** Beside the paper's counts, and as ratios to factored's in the same scenarios. */
function convergedOf(all: readonly Learned[], uniform: () => number) {
  const runs = all.filter(({ steps }) => steps >= LONG_ENOUGH)
  const counts = (learner: string, goal: number, fleets?: readonly string[]) =>
    runs
      .filter((run) => learnerOf(run) === learner && run.goal === goal)
      .filter(({ fleet }) => fleets === undefined || fleets.includes(fleet))
      .map(({ outcome }) => outcome.convergedAt ?? Infinity)
  const fleetsOf = (learner: string) =>
    distinct(runs.filter((run) => learnerOf(run) === learner).map(({ fleet }) => fleet))
  const cells = learnersIn(runs).flatMap((learner) =>
    goalsIn(runs).map((goal) => ({ learner, goal, own: counts(learner, goal) })),
  )
  const present = cells.filter(({ own }) => own.length > 0)
  const converged = present.map(({ learner, goal, own }) => {
    const paper = paperCount(learner, goal)
    const settled = own.filter((count) => count < Infinity).length
    const compared = {
      measure: CONVERGED,
      cell: { learner, goal: goalName(goal) },
      paper,
      better: learner === FACTORED.name || learner.startsWith('hybrid') ? 'low' : 'neither',
      note: `${settled} of ${own.length} converged`,
    } as const
    return compareMedian(compared, own, uniform)
  })
  const ratios = present.flatMap(({ learner, goal, own }) => {
    const factored = counts(FACTORED.name, goal, fleetsOf(learner))
    if (learner === FACTORED.name || factored.length === 0) return []
    const compared = {
      measure: RATIO,
      cell: { learner, goal: goalName(goal) },
      paper: undefined,
      better: 'neither',
      note: `${median(own)} ÷ ${median(factored)}`,
    } as const
    return compareRatio(compared, own, factored, uniform) ?? []
  })
  return { converged, ratios }
}

/** Of its hybrid for ours, which does the same with another model. */
function paperCount(learner: string, goal: number): number | undefined {
  const row = paperRows.find((each) => each.users === 5 && each.goal === goal)
  const agent = learner === FACTORED.name ? 'hybrid' : (learner.split(' ')[0] ?? '')
  return row?.[agent]
}
