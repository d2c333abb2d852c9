/** What learning takes while it lasts: response time above the best decision's. */
import { mean } from 'simple-statistics'
import { compareAll, compareMeans } from '../comparison.ts'
import type { Cell, Comparison } from '../report.ts'
import { distinct, runsWith, valuesOf } from '../runs.ts'
import {
  type BeyondRun,
  byCell,
  cellOf,
  type Learned,
  learnedIn,
  learnerOf,
  learnersIn,
  responsesOf,
  usersName,
} from './kinds.ts'

export const EXTRA = 'response time above the best decision’s while learning (%)'

export const RULE_PRICE =
  'regret over 100 steps with the rule against slow responses ÷ without it, where none is slow'

/** Fewest steps that say something of the first 100 and of the first 1,000. */
const SPANS = [
  ['first 100 rounds', 100, ({ result }: Learned) => result.extraPercent.first100],
  ['first 1,000 rounds', 1000, ({ result }: Learned) => result.extraPercent.all],
] as const

export function costsOf(runs: readonly BeyondRun[], uniform: () => number): Comparison[] {
  const learners = learnedIn(runs, 'learners')
  const fleets = learnedIn(runs, 'fleets')
  const slow = learnedIn(runs, 'slow responses')
  return [
    ...learnersIn(learners).flatMap((learner) => {
      const own = learners.filter((run) => learnerOf(run) === learner)
      return row({ learner, fleet: 'A to D', users: '5' }, own, uniform)
    }),
    ...valuesOf(fleets, 'fleet').flatMap((fleet) =>
      valuesOf(fleets, 'users').flatMap((users) => {
        const own = runsWith(fleets, { fleet, users })
        return row({ learner: 'factored', fleet, users: usersName(users) }, own, uniform)
      }),
    ),
    ...distinct(slow.map(responsesOf)).flatMap((responses) => {
      const own = slow.filter((run) => responsesOf(run) === responses)
      const fleet = `classes and unique, ${responses}`
      return row({ learner: 'factored', fleet, users: '5' }, own, uniform)
    }),
  ]
}

/** Of runs of the same fleet, goal and seed. */
export function rulePriceOf(runs: readonly BeyondRun[], uniform: () => number): Comparison[] {
  const keyOf = (run: Learned) => `${cellOf(run)} ${run.settings.seed}`
  const ruled = new Map(learnedIn(runs, 'fleets').map((run) => [keyOf(run), run]))
  const pairs = learnedIn(runs, 'slow responses').flatMap((without) => {
    const { overrides, slow } = without.settings
    const isCompared = overrides?.['slowResponses'] === 0 && slow === undefined
    const own = ruled.get(keyOf(without))
    return isCompared && own ? [{ fleet: own.settings.fleet, own, without }] : []
  })
  return distinct(pairs.map(({ fleet }) => fleet)).flatMap((fleet) => {
    const compared = pairs.filter((pair) => pair.fleet === fleet)
    return compareMeans(
      { measure: RULE_PRICE, cell: { fleet } },
      compared.map(({ own }) => own.result.regretMs),
      compared.map(({ without }) => without.result.regretMs),
      uniform,
    )
  })
}

function row(cell: Cell, runs: readonly Learned[], uniform: () => number): Comparison[] {
  return SPANS.flatMap(([during, least, of]) => {
    const long = runs.filter(({ settings: { steps } }) =>
      least === 100 ? steps >= 100 : steps === least,
    )
    return compareAll(
      { measure: EXTRA, cell: { ...cell, during } },
      byCell(long, of),
      mean,
      uniform,
    )
  })
}
