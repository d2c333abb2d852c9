/** What learning takes while it lasts: response time above the best decision's. */
import type { Comparison } from '../experiment.ts'
import {
  cellOf,
  type Learned,
  learnedIn,
  learnerOf,
  learnersIn,
  responsesOf,
  usersName,
} from './kinds.ts'
import { distinct, grouped, mean, measured, ratioOfMeans } from './measured.ts'
import type { FinishedBeyondRun } from './run.ts'

export const EXTRA = 'response time above the best decision’s while learning (%)'

export const RULE_PRICE =
  'regret over 100 steps with the rule against slow responses ÷ without it, where none is slow'

/** Fewest steps that say something of the first 100 and of the first 1,000. */
const SPANS = [
  ['first 100 rounds', 100, ({ outcome }: Learned) => outcome.extraPercent.first100],
  ['first 1,000 rounds', 1000, ({ outcome }: Learned) => outcome.extraPercent.all],
] as const

export function costsOf(runs: readonly FinishedBeyondRun[], uniform: () => number): Comparison[] {
  const learners = learnedIn(runs, 'learners')
  const fleets = learnedIn(runs, 'fleets')
  const slow = learnedIn(runs, 'slow responses')
  return [
    ...learnersIn(learners).flatMap((learner) =>
      row(
        { learner, fleet: 'A to D', users: '5' },
        learners.filter((run) => learnerOf(run) === learner),
        uniform,
      ),
    ),
    ...distinct(fleets.map(({ fleet }) => fleet)).flatMap((fleet) =>
      distinct(fleets.map(({ users }) => users)).flatMap((users) =>
        row(
          { learner: 'factored', fleet, users: usersName(users) },
          fleets.filter((run) => run.fleet === fleet && run.users === users),
          uniform,
        ),
      ),
    ),
    ...distinct(slow.map(responsesOf)).flatMap((responses) =>
      row(
        { learner: 'factored', fleet: `classes and unique, ${responses}`, users: '5' },
        slow.filter((run) => responsesOf(run) === responses),
        uniform,
      ),
    ),
  ]
}

/** Of runs of the same fleet, goal and seed. */
export function rulePriceOf(
  runs: readonly FinishedBeyondRun[],
  uniform: () => number,
): Comparison[] {
  const keyOf = (run: Learned) => `${cellOf(run)} ${run.seed}`
  const ruled = new Map(learnedIn(runs, 'fleets').map((run) => [keyOf(run), run]))
  const pairs = learnedIn(runs, 'slow responses').flatMap((without) => {
    const isCompared = without.overrides?.['slowResponses'] === 0 && without.slow === undefined
    const own = ruled.get(keyOf(without))
    return isCompared && own ? [{ own, without }] : []
  })
  return distinct(pairs.map(({ own }) => own.fleet)).flatMap((fleet) => {
    const compared = pairs.filter(({ own }) => own.fleet === fleet)
    return ratioOfMeans(
      { measure: RULE_PRICE, cell: { fleet } },
      compared.map(({ own }) => own.outcome.regretMs),
      compared.map(({ without }) => without.outcome.regretMs),
      uniform,
    )
  })
}

function row(
  cell: Readonly<Record<string, string>>,
  runs: readonly Learned[],
  uniform: () => number,
): Comparison[] {
  return SPANS.flatMap(([during, steps, of]) => {
    const long = runs.filter((run) => (steps === 100 ? run.steps >= 100 : run.steps === steps))
    const groups = grouped(long, cellOf, of)
    return measured({ measure: EXTRA, cell: { ...cell, during } }, groups, mean, uniform)
  })
}
