/** The aims of request scheduling, judged by the runs. No paper's: the paper is public as an abstract alone. */
import { claimOfAll } from '../claims.ts'
import type { Claim } from '../report.ts'
import { grouped, runsWith } from '../runs.ts'
import { learningClaims } from './learning-claims.ts'
import {
  LEARNED,
  listed,
  meanGains,
  medianGains,
  OURS,
  perNode,
  SLACK_FIT,
  signed,
} from './measures.ts'
import {
  average,
  gainOf,
  groupOf,
  type Pair,
  pairsOf,
  type SchedulingRun,
  type Score,
  scoresOf,
} from './scores.ts'
import { BOUND, MEAN_RATE, TRUE_RATE } from './settings.ts'
import { HINDSIGHT, PUBLISHED, SLOWER } from './sweep.ts'
import { variationClaims } from './variations.ts'

/** Points of effective accuracy that count as nothing. */
const NOTHING = 0.1

/** None of a quick sweep, which has too few workloads. */
export function claimsOf(runs: readonly SchedulingRun[]): Claim[] {
  if (runs.some(({ settings }) => settings.everyScenario > 1)) return []
  const scores = scoresOf(rightlyProfiled(runs))
  return [
    ...[OURS, ...LEARNED].flatMap((policy) => neverBelow(scores, policy)),
    ...medianClaims(scores),
    fewerViolations(scores),
    ...overload(scores),
    ...boundGaps(scores, OURS),
    ...boundGaps(scores, HINDSIGHT),
    ...learningClaims(runs, scores),
    ...recalibrated(runs, scores),
    ...tableGain(scores),
    ...rateKnowledge(scores),
    ...variationClaims(scores),
  ]
}

export function rightlyProfiled(runs: readonly SchedulingRun[]): SchedulingRun[] {
  return runsWith(runs, { slowdown: 1 })
}

function neverBelow(scores: readonly Score[], policy: string): Claim[] {
  const pairs = pairsOf(scores, policy, SLACK_FIT)
  if (pairs.length === 0) return []
  const worst = pairs.reduce((least, pair) => (gainOf(pair) < gainOf(least) ? pair : least))
  const little = pairs.filter((pair) => gainOf(pair) < NOTHING)
  return [
    {
      claim: `${policy} is in no workload, node and seed more than ${NOTHING} points of effective accuracy below ${SLACK_FIT}.`,
      measured: `lowest ${signed(gainOf(worst))} (${worst.own.scenario}, ${worst.own.node}); it gains less than ${NOTHING} in ${little.length} of ${pairs.length}`,
      holds: gainOf(worst) >= -NOTHING,
    },
  ]
}

/** The median over workloads of the gain over SlackFit, on every node, beside what learning adds and what was possible. */
function medianClaims(scores: readonly Score[]): Claim[] {
  return (
    [
      [1, 3.5],
      [4, 0.5],
    ] as const
  ).flatMap(([workers, least]) => {
    const own = scores.filter((score) => score.workers === workers)
    const of = (policy: string) => medianGains(own, policy, SLACK_FIT)
    const gains = of(OURS)
    if (gains.length === 0) return []
    const others = [...LEARNED, BOUND].flatMap((policy) => {
      const known = of(policy)
      return known.length > 0 ? [`${policy}: ${listed(known)}`] : []
    })
    const beyond = of(BOUND).filter(([, gain]) => gain < least)
    return {
      claim: `${workers} ${workers === 1 ? 'worker' : 'workers'}: ${OURS} gains at least ${least} points over ${SLACK_FIT} in the median workload, on every node.`,
      measured: `${[listed(gains), ...others].join('. ')}.${beyond.length > 0 ? ` Out of reach for whoever knows all arrivals, too: ${beyond.map(([node]) => node).join('; ')}.` : ''}`,
      holds: gains.every(([, gain]) => gain >= least),
    }
  })
}

function fewerViolations(scores: readonly Score[]): Claim {
  const smallest = new Map(
    pairsOf(scores, 'smallest', SLACK_FIT).map(({ own, other }) => [other, own]),
  )
  const counted = pairsOf(scores, OURS, SLACK_FIT).filter(({ other }) => {
    const least = smallest.get(other)?.violationPercent ?? 100
    return (other.violationPercent ?? 0) >= 0.5 && least < 5
  })
  const halved = counted.filter(({ own, other }) => {
    return (own.violationPercent ?? 100) <= (other.violationPercent ?? 0) / 2
  })
  const excepted = counted.filter((pair) => !halved.includes(pair))
  const exceptions = grouped(excepted, ({ own }) => `${own.scenario}, ${own.node}`).map(
    ([place, pairs]) => {
      const mean = (of: (pair: Pair) => Score | undefined) =>
        average(pairs.map((pair) => of(pair)?.violationPercent ?? 100)).toFixed(1)
      return `${place}: ${mean(({ own }) => own)} % (${SLACK_FIT} ${mean(({ other }) => other)} %, smallest ${mean(({ other }) => smallest.get(other))} %)`
    },
  )
  const served = average(
    pairsOf(scores, OURS, SLACK_FIT).flatMap(({ own, other }) => {
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
  const own = scores.filter(
    (score) => score.profile === 'batching' && groupOf(score) === 'overload',
  )
  const gains = perNode(own, (ofNode) => {
    const of = (policy: string) =>
      average(
        ofNode.flatMap((score) => (score.policy === policy ? score.effectiveAccuracyPercent : [])),
      )
    return of(OURS) - Math.max(...PUBLISHED.map(of))
  })
  return claimOfAll(
    `Overload with batching: ${OURS} is at least 10 points above the best published simple policy, on every node.`,
    gains,
    ([, gain]) => gain >= 10,
    listed(gains),
  )
}

function boundGaps(scores: readonly Score[], policy: string): Claim[] {
  const limits = { 'cpu, 1 worker, 20 ms': 0.35, 'cpu, 1 worker, 10 ms': 0.7 }
  return Object.entries(limits).flatMap(([node, most]) => {
    const own = scores.filter((score) => score.node === node)
    const gaps = pairsOf(own, BOUND, policy).map(gainOf)
    if (gaps.length === 0) return []
    const gap = average(gaps)
    return {
      claim: `${node}: ${policy} is on average at most ${most} points below what was possible, had every arrival been known.`,
      measured: `${gap.toFixed(2)} points`,
      holds: gap <= most,
    }
  })
}

/** In the workloads that a right profile serves well. */
function recalibrated(runs: readonly SchedulingRun[], scores: readonly Score[]): Claim[] {
  const slower = runsWith(runs, { policy: OURS }).filter(({ settings }) => settings.slowdown !== 1)
  const violations = (recalibrate: boolean) => {
    const own = scoresOf(runsWith(slower, { recalibrate }))
    const calm = own.filter((score) =>
      scores.some(
        ({ node, policy, scenario, seed, violationPercent }) =>
          policy === OURS &&
          node === score.node &&
          scenario === score.scenario &&
          seed === score.seed &&
          (violationPercent ?? 100) < 0.1,
      ),
    )
    return calm.map(({ violationPercent }) => violationPercent ?? 100)
  }
  const [following, fixed] = [violations(true), violations(false)]
  if (following.length === 0) return []
  return [
    {
      claim: `Services ${Math.round(100 * (SLOWER - 1))} % slower than profiled: ${OURS} violates at most 0.5 % on average with planned times that follow those measured, in the workloads where a right profile leaves less than 0.1 %.`,
      measured: `${average(following).toFixed(2)} %, and ${average(fixed).toFixed(2)} % with planned times as profiled (${following.length} workloads and seeds)`,
      holds: average(following) <= 0.5,
    },
  ]
}

function tableGain(scores: readonly Score[]): Claim[] {
  const gains = meanGains(scores, 'adaptive-smdp', OURS)
  return claimOfAll(
    `Solving the decision process gains something over ${OURS}: adaptive-smdp is better on average, on every node without batching.`,
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
