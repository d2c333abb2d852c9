/** How many real steps until decisions are good: in every fleet, with every learner. */
import { type Estimate, estimate, medianOf, ratioOf } from '../comparison.ts'
import { goalName, goalsIn } from '../goals.ts'
import type { Cell } from '../report.ts'
import { grouped, runsBy, runsWith, valuesOf } from '../runs.ts'
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
import { MEASURES } from './measures.ts'
import type { Settled } from './run/settling.ts'
import { FACTORED } from './sweep.ts'

const P95 = ' p95'
const TOLERANCES: readonly (keyof Settled)[] = ['1 %', '2 %', '5 %']

/** Until good, by learner, by fleet and by how responses go wrong. */
export function settledOf(runs: readonly BeyondRun[]): Estimate[] {
  return [
    ...byLearner(learnedIn(runs, 'learners')),
    ...byFleet(learnedIn(runs, 'fleets')),
    ...byResponses(learnedIn(runs, 'slow responses')),
  ]
}

function byLearner(runs: readonly Learned[]): Estimate[] {
  return learnersIn(runs).flatMap((learner) => {
    const own = runs.filter((run) => learnerOf(run) === learner)
    const byGoal = runsBy(own, 'goal').flatMap(([{ goal }, ofGoal]) =>
      row(MEASURES.learnerSteps, { learner, goal: goalName(goal) }, ofGoal),
    )
    return [...byGoal, ...row(MEASURES.learnerSteps, { learner, goal: 'all' }, own)]
  })
}

function byFleet(runs: readonly Learned[]): Estimate[] {
  return runsBy(runs, 'fleet', 'users').flatMap(([{ fleet, users }, own]) =>
    row(MEASURES.fleetSteps, { fleet, users: usersName(users) }, own),
  )
}

function byResponses(runs: readonly Learned[]): Estimate[] {
  return runsBy(runs, 'fleet').flatMap(([{ fleet }, ofFleet]) =>
    grouped(ofFleet, responsesOf).flatMap(([responses, own]) =>
      row(MEASURES.slowSteps, { fleet, responses }, own),
    ),
  )
}

/** For each tolerance the interquartile mean and the 95th percentile. */
function row(measure: string, cell: Cell, runs: readonly Learned[]): Estimate[] {
  return TOLERANCES.flatMap((tolerance) => {
    const counts = byCell(runs, ({ result }) => result.settledAt[tolerance] ?? Infinity)
    const unsettled = counts.flat().filter((count) => count === Infinity).length
    const note = `${unsettled} of ${runs.length} runs not settled`
    const mean = { measure, cell: { ...cell, within: tolerance }, note }
    const p95 = { measure, cell: { ...cell, within: `${tolerance}${P95}` } }
    return [
      ...estimate(mean, counts, interquartileMean),
      ...estimate(p95, counts, (values) => percentile(values, 0.95)),
    ]
  })
}

/** Fewest steps of a run that can show convergence early on: the rule looks 500 ahead. */
const LONG_ENOUGH = 800

/** Beside the paper's counts, and as ratios to factored's in the same scenarios. */
export function convergedOf(all: readonly BeyondRun[]): Estimate[] {
  const runs = learnedIn(all, 'learners').filter(({ settings }) => settings.steps >= LONG_ENOUGH)
  const cells = learnersIn(runs).flatMap((learner) => {
    const own = runs.filter((run) => learnerOf(run) === learner)
    return goalsIn(own).map((goal) => ({ learner, goal, own: runsWith(own, { goal }) }))
  })
  const converged = cells.flatMap(({ learner, goal, own }) => {
    const settled = own.filter(({ result }) => result.convergedAt !== null).length
    const compared = {
      measure: MEASURES.converged,
      cell: { learner, goal: goalName(goal) },
      // Of its hybrid for ours, which does the same with another model.
      paper: paperSteps(5, goal, learner === FACTORED.name ? 'hybrid' : nameOf(learner)),
      better: learner === FACTORED.name || learner.startsWith('hybrid') ? 'low' : 'neither',
      note: `${settled} of ${own.length} converged`,
    } as const
    return medianOf(compared, countsOf(own))
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
    return ratioOf({ measure: MEASURES.stepRatio, cell, note }, above, below)
  })
  return [...converged, ...ratios]
}

/** Of the agent: `hybrid per device` → `hybrid`. */
function nameOf(learner: string): string {
  return learner.split(' ')[0] ?? ''
}

/** Infinitely many where a run shows no convergence. */
function countsOf(runs: readonly Learned[]): number[] {
  return runs.map(({ result }) => result.convergedAt ?? Infinity)
}
