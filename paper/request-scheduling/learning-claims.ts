/** What learning is to gain, and to cost. */
import { claimOfAll } from '../claims.ts'
import type { Claim } from '../report.ts'
import { claimOfCells, gainsByCell } from './cells.ts'
import { gainBySeed, LEARNED, listed, meanGains, OURS, perNode } from './measures.ts'
import type { SchedulingRun, Score } from './scores.ts'
import { POLICY_OPTIMISATION } from './sweep.ts'

/** Points that learning may lose against the rule, in any cell. */
const MOST_LOSS = 0.2

/** @param scores of the runs that were profiled rightly */
export function learningClaims(runs: readonly SchedulingRun[], scores: readonly Score[]): Claim[] {
  return [
    ...LEARNED.map((policy) => neverBelow(scores, policy)),
    ...[...LEARNED, POLICY_OPTIMISATION].flatMap((policy) => learningGain(scores, policy)),
    spreadOfTrainings(scores),
    longestTraining(runs),
  ]
}

/** Every training by itself: a node is trained once. */
function neverBelow(scores: readonly Score[], policy: string): Claim {
  return claimOfCells(
    `${policy} is nowhere, by node, workload and training, more than ${MOST_LOSS} points below the rule, ${OURS}; published windows, which it never saw, included.`,
    gainsByCell(scores, policy, OURS),
    -MOST_LOSS,
  )
}

function learningGain(scores: readonly Score[], policy: string): Claim[] {
  const gains = meanGains(scores, policy, OURS)
  return claimOfAll(
    `Learning gains something over the rule: ${policy} is on average not below ${OURS}, on every node.`,
    gains,
    ([, gain]) => gain >= 0,
    listed(gains),
  )
}

function spreadOfTrainings(scores: readonly Score[]): Claim {
  const spreads = LEARNED.flatMap((policy) =>
    perNode(scores, (own) => {
      const gain = gainBySeed(own, policy, OURS)
      return gain ? gain.high - gain.low : Number.NaN
    }),
  )
  const trainings = new Set(scores.flatMap(({ trainingSeed }) => trainingSeed ?? [])).size
  return {
    claim: `The seed of the training moves the mean gain of a learned policy over ${OURS} by at most 0.3 points (highest less lowest of three trainings, on the same arrivals), on every node.`,
    measured: `${trainings} trainings: ${listed(spreads)}`,
    holds: trainings >= 3 && spreads.length > 0 && spreads.every(([, spread]) => spread <= 0.3),
  }
}

/** Of the default trainers. */
function longestTraining(runs: readonly SchedulingRun[]): Claim {
  const own = runs.filter(({ settings }) => LEARNED.includes(settings.policy))
  const longest = Math.max(0, ...own.map(({ result }) => result.trainingSeconds ?? 0))
  return {
    claim: 'Training takes at most 60 s of processor time.',
    measured: `longest ${longest.toFixed(0)} s of ${own.length} trainings`,
    holds: own.length > 0 && longest <= 60,
  }
}
