/** What learning is to gain, and to cost. */
import { sampleStandardDeviation } from 'simple-statistics'
import type { Claim } from '../report.ts'
import { grouped } from '../runs.ts'
import { LEARNED, listed, meanGains, OURS, perNode, signed } from './measures.ts'
import { average, gainOf, pairsOf, type SchedulingRun, type Score } from './scores.ts'
import { HINDSIGHT, POLICY_OPTIMISATION } from './sweep.ts'

/** @param scores of the runs that were profiled rightly */
export function learningClaims(runs: readonly SchedulingRun[], scores: readonly Score[]): Claim[] {
  return [
    ...[...LEARNED, POLICY_OPTIMISATION].flatMap((policy) => learningGain(scores, policy)),
    ...violentArrivals(scores),
    ...trainings(runs, scores),
  ]
}

/** Against our own rule, which most of the gain over SlackFit is due to. */
function learningGain(scores: readonly Score[], policy: string): Claim[] {
  const gains = meanGains(scores, policy, OURS)
  if (gains.length === 0) return []
  const pairs = pairsOf(scores, policy, OURS)
  const worst = pairs.reduce((least, pair) => (gainOf(pair) < gainOf(least) ? pair : least))
  return [
    {
      claim: `Learning gains something over the rule: ${policy} is on average not below ${OURS}, on every node, and nowhere more than 0.35 points.`,
      measured: `${listed(gains)}; lowest ${signed(gainOf(worst))} (${worst.own.scenario}, ${worst.own.node})`,
      holds: gains.every(([, gain]) => gain >= 0) && gainOf(worst) >= -0.35,
    },
  ]
}

function violentArrivals(scores: readonly Score[]): Claim[] {
  const own = scores.filter(
    ({ node, family }) => node === 'cpu, 1 worker, 10 ms' && family === 'gamma',
  )
  const gains = pairsOf(own, HINDSIGHT, OURS).map(gainOf)
  if (gains.length === 0) return []
  return [
    {
      claim: `Gamma arrivals with coefficients of variation of 3 and more, deadline twice the largest service time, 1 worker: ${HINDSIGHT} is at least 0.8 points above ${OURS} on average.`,
      measured: signed(average(gains)),
      holds: average(gains) >= 0.8,
    },
  ]
}

/** Of the default trainers. */
function trainings(runs: readonly SchedulingRun[], scores: readonly Score[]): Claim[] {
  const own = runs.filter(({ settings }) => LEARNED.includes(settings.policy))
  if (own.length === 0) return []
  const longest = Math.max(...own.map(({ result }) => result.trainingSeconds ?? 0))
  const spreads = LEARNED.flatMap((policy) =>
    perNode(scores, (ofNode) => {
      const bySeed = grouped(pairsOf(ofNode, policy, OURS), ({ own }) => own.seed)
      return deviation(bySeed.map(([, pairs]) => average(pairs.map(gainOf))))
    }),
  )
  const widest = Math.max(...spreads.map(([, spread]) => spread))
  return [
    {
      claim:
        'Training takes at most 60 s of processor time, and its seed moves the effective accuracy by at most 0.05 points (standard deviation of the gain over the rule, arrivals drawn anew with each seed).',
      measured: `longest ${longest.toFixed(0)} s; ${Number.isFinite(widest) ? spreads.map(([node, spread]) => `${node} ${spread.toFixed(3)}`).join('; ') : 'of one seed'}`,
      holds: longest <= 60 && Number.isFinite(widest) && widest <= 0.05,
    },
  ]
}

/** Of a sample; not a number for fewer than two values. */
function deviation(values: readonly number[]): number {
  return values.length < 2 ? Number.NaN : sampleStandardDeviation(values)
}
