/** What learning takes while it lasts: response time above the best decision's. */
import { mean } from 'simple-statistics'
import { type Estimate, estimate, ratioOfMeans } from '../comparison.ts'
import type { Cell } from '../report.ts'
import { grouped, runsBy } from '../runs.ts'
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
import { MEASURES } from './measures.ts'

/** Fewest steps that say something of the first 100 and of the first 1,000. */
const SPANS = [
  ['first 100 rounds', 100, ({ result }: Learned) => result.extraPercent.first100],
  ['first 1,000 rounds', 1000, ({ result }: Learned) => result.extraPercent.all],
] as const

/** By learner, by fleet and by how responses go wrong. */
export function costsOf(runs: readonly BeyondRun[]): Estimate[] {
  const learners = learnedIn(runs, 'learners')
  return [
    ...learnersIn(learners).flatMap((learner) => {
      const own = learners.filter((run) => learnerOf(run) === learner)
      return row({ learner, fleet: 'A to D', users: '5' }, own)
    }),
    ...runsBy(learnedIn(runs, 'fleets'), 'fleet', 'users').flatMap(([{ fleet, users }, own]) =>
      row({ learner: 'factored', fleet, users: usersName(users) }, own),
    ),
    ...grouped(learnedIn(runs, 'slow responses'), responsesOf).flatMap(([responses, own]) =>
      row({ learner: 'factored', fleet: `classes and unique, ${responses}`, users: '5' }, own),
    ),
  ]
}

/** Of runs of the same fleet, goal and seed. */
export function rulePriceOf(runs: readonly BeyondRun[]): Estimate[] {
  const keyOf = (run: Learned) => `${cellOf(run)} ${run.settings.seed}`
  const ruled = new Map(learnedIn(runs, 'fleets').map((run) => [keyOf(run), run]))
  const pairs = learnedIn(runs, 'slow responses').flatMap((without) => {
    const { overrides, slow } = without.settings
    const isCompared = overrides?.['slowResponses'] === 0 && slow === undefined
    const own = ruled.get(keyOf(without))
    return isCompared && own ? [{ fleet: own.settings.fleet, own, without }] : []
  })
  return grouped(pairs, ({ fleet }) => fleet).flatMap(([fleet, compared]) =>
    ratioOfMeans(
      { measure: MEASURES.rulePrice, cell: { fleet } },
      compared.map(({ own }) => own.result.regretMs),
      compared.map(({ without }) => without.result.regretMs),
    ),
  )
}

function row(cell: Cell, runs: readonly Learned[]): Estimate[] {
  return SPANS.flatMap(([during, least, of]) => {
    const long = runs.filter(({ settings: { steps } }) =>
      least === 100 ? steps >= 100 : steps === least,
    )
    return estimate({ measure: MEASURES.extra, cell: { ...cell, during } }, byCell(long, of), mean)
  })
}
