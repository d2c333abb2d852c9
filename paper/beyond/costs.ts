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
import { distinct, grouped, mean, measured } from './measured.ts'
import type { FinishedBeyondRun } from './run.ts'

export const EXTRA = 'response time above the best decision’s while learning (%)'

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
