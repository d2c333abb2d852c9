/** The aims of request scheduling, judged by the runs. No paper's: the paper is public as an abstract alone. */
import { claimOfAll } from '../claims.ts'
import type { Claim } from '../report.ts'
import { grouped, runsWith } from '../runs.ts'
import { boundClaims } from './bound-claims.ts'
import { claimOfCells, gainsByCell } from './cells.ts'
import { learningClaims } from './learning-claims.ts'
import {
  claimOfMean,
  gainBySeed,
  listed,
  meanGains,
  medianGains,
  OURS,
  PREDECESSOR,
  perNode,
  SLACK_FIT,
  signed,
} from './measures.ts'
import {
  AT_MOST,
  average,
  BEST_PUBLISHED,
  HALVES,
  halfOf,
  keyOf,
  type Pair,
  pairsOf,
  type SchedulingRun,
  type Score,
  scoresOf,
} from './scores.ts'
import { MEAN_RATE, TRUE_RATE } from './settings.ts'
import { SLOWER } from './sweep.ts'
import { variationClaims } from './variations.ts'

/** Points of effective accuracy that count as nothing. */
const NOTHING = 0.1

/** None of a quick sweep, which has too few workloads. */
export function claimsOf(runs: readonly SchedulingRun[]): Claim[] {
  if (runs.some(({ settings }) => settings.everyScenario > 1)) return []
  const scores = scoresOf(rightlyProfiled(runs))
  return [
    ...[SLACK_FIT, BEST_PUBLISHED, PREDECESSOR].map((other) => neverBelow(scores, other)),
    ...learningClaims(runs, scores),
    ...boundClaims(scores),
    seedSpread(scores),
    ...medianClaims(scores),
    fewerViolations(scores),
    ...overload(scores),
    ...recalibrated(runs, scores),
    ...tableGain(scores),
    ...rateKnowledge(scores),
    ...variationClaims(scores),
  ]
}

/** Those whose services take as long as profiled. */
export function rightlyProfiled(runs: readonly SchedulingRun[]): SchedulingRun[] {
  return runsWith(runs, { slowdown: 1 })
}

function neverBelow(scores: readonly Score[], other: string): Claim {
  return claimOfCells(
    `${OURS} is nowhere, by node and workload, more than ${NOTHING} points of effective accuracy below ${other === BEST_PUBLISHED ? `the ${other} of that place` : other}.`,
    gainsByCell(scores, OURS, other),
    -NOTHING,
  )
}

/** Of the rule: how much the arrivals of a seed can move what is reported of it. */
function seedSpread(scores: readonly Score[]): Claim {
  const spreads = perNode(scores, (own) => {
    const gain = gainBySeed(own, OURS, SLACK_FIT)
    return gain ? gain.high - gain.low : Number.NaN
  })
  return {
    claim: `The seed of arrivals and services moves the mean gain of ${OURS} over ${SLACK_FIT} by at most 0.3 points (highest less lowest seed), on every node.`,
    measured: listed(spreads),
    holds: spreads.length > 0 && spreads.every(([, spread]) => spread <= 0.3),
  }
}

/** Least gain in the median workload that is claimed, by number of workers. */
const MEDIAN_GAINS = { 1: 3.5, 4: 0.5 }

/** The median over workloads of more load than a node carries, beside what was possible. The other ladder has not so much to gain. */
function medianClaims(scores: readonly Score[]): Claim[] {
  return Object.entries(MEDIAN_GAINS).flatMap(([workers, least]) => {
    const of = (policy: string, half = 1) => {
      const own = scores.filter(
        (score) =>
          score.on.ladder === 'mobilenet' &&
          score.on.workers === Number(workers) &&
          halfOf(score) === HALVES[half],
      )
      return medianGains(own, policy, SLACK_FIT)
    }
    const gains = of(OURS)
    const possible = of(AT_MOST)
    const beyond = possible.filter(([, gain]) => gain < least)
    const parts = [
      listed(gains),
      `Load up to 1: ${listed(of(OURS, 0))}`,
      ...(possible.length > 0 ? [`Possible at most: ${listed(possible)}`] : []),
      ...(beyond.length > 0
        ? [
            `Out of reach for whoever knows all arrivals, too: ${beyond.map(([node]) => node).join('; ')}`,
          ]
        : []),
    ]
    return claimOfAll(
      `${workers} ${workers === '1' ? 'worker' : 'workers'}, ladder mobilenet, load above 1: ${OURS} gains at least ${least} points over ${SLACK_FIT} in the median workload, on every node.`,
      gains,
      ([, gain]) => gain >= least,
      `${parts.join('. ')}.`,
    )
  })
}

function fewerViolations(scores: readonly Score[]): Claim {
  const smallest = new Map(
    pairsOf(scores, 'smallest', SLACK_FIT).map(({ own, other }) => [other, own]),
  )
  const pairs = pairsOf(scores, OURS, SLACK_FIT)
  const counted = pairs.filter(({ other }) => {
    const least = smallest.get(other)?.violationPercent ?? 100
    return (other.violationPercent ?? 0) >= 0.5 && least < 5
  })
  const halved = counted.filter(({ own, other }) => {
    return (own.violationPercent ?? 100) <= (other.violationPercent ?? 0) / 2
  })
  const excepted = counted.filter((pair) => !halved.includes(pair))
  const exceptions = grouped(excepted, ({ own }) => `${own.scenario}, ${own.node}`).map(
    ([place, own]) => {
      const mean = (of: (pair: Pair) => Score | undefined) =>
        average(own.map((pair) => of(pair)?.violationPercent ?? 100)).toFixed(1)
      return `${place}: ${mean(({ own }) => own)} % (${SLACK_FIT} ${mean(({ other }) => other)} %, smallest ${mean(({ other }) => smallest.get(other))} %)`
    },
  )
  const served = average(
    pairs.flatMap(({ own, other }) => {
      const [mine, theirs] = [own.servedAccuracyPercent, other.servedAccuracyPercent]
      return mine === null || theirs === null ? [] : [mine - theirs]
    }),
  )
  return {
    claim: `Wherever ${SLACK_FIT} violates at least 0.5 % and smallest less than 5 %, ${OURS} violates at most half as often; its answers are not more than 0.3 points less accurate on average.`,
    measured: `at most half in ${halved.length} of ${counted.length}${exceptions.length > 0 ? `, not in ${exceptions.join('; ')}` : ''}; accuracy of answers ${signed(served)}`,
    holds: halved.length === counted.length && served >= -0.3,
  }
}

function overload(scores: readonly Score[]): Claim[] {
  const own = scores.filter(({ on, load }) => on.profile === 'batching' && load > 4)
  const gains = meanGains(own, OURS, BEST_PUBLISHED)
  return claimOfAll(
    `Overload (8 and 12 times load 1) with batching: ${OURS} is at least 10 points above the ${BEST_PUBLISHED}, on every node.`,
    gains,
    ([, gain]) => gain >= 10,
    listed(gains),
  )
}

/** In the workloads that a right profile serves well. */
function recalibrated(runs: readonly SchedulingRun[], scores: readonly Score[]): Claim[] {
  const slower = runsWith(runs, { policy: OURS }).filter(({ settings }) => settings.slowdown !== 1)
  const isCalm = ({ policy, violationPercent }: Score) =>
    policy === OURS && (violationPercent ?? 100) < 0.1
  const calm = new Set(scores.filter(isCalm).map(keyOf))
  const violations = (recalibrate: boolean) =>
    scoresOf(runsWith(slower, { recalibrate })).flatMap((score) =>
      calm.has(keyOf(score)) ? (score.violationPercent ?? 100) : [],
    )
  const [following, fixed] = [violations(true), violations(false)]
  return claimOfMean(
    `Services ${Math.round(100 * (SLOWER - 1))} % slower than profiled: ${OURS} violates at most 0.5 % on average with planned times that follow those measured, in the workloads where a right profile leaves less than 0.1 %.`,
    following,
    (mean) => mean <= 0.5,
    (mean) =>
      `${mean.toFixed(2)} %, and ${average(fixed).toFixed(2)} % with planned times as profiled (${following.length} workloads and seeds)`,
  )
}

function tableGain(scores: readonly Score[]): Claim[] {
  const gains = meanGains(scores, 'adaptive-smdp', OURS)
  return claimOfAll(
    `Solving the decision process gains something over ${OURS}: adaptive-smdp is better on average, on every node where it is solved.`,
    gains,
    ([, gain]) => gain > 0,
    listed(gains),
  )
}

function rateKnowledge(scores: readonly Score[]): Claim[] {
  const gainFrom = (policy: string) => meanGains(scores, policy, 'adaptive-smdp')
  const gains = gainFrom(TRUE_RATE)
  return claimOfAll(
    'What cannot be observed costs little: to know the true arrival rate of the moment gains adaptive-smdp at most 0.2 points over estimating it, on every node.',
    gains,
    ([, gain]) => gain <= 0.2,
    `${listed(gains)}; to know only the mean rate: ${listed(gainFrom(MEAN_RATE))}`,
  )
}
