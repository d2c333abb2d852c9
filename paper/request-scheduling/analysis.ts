/** Request scheduling: how accurate and how punctual is every policy, on every node, and how far from what was possible? */
import type { Comparison, Report } from '../report.ts'
import { distinct, grouped, runsWith, valuesOf } from '../runs.ts'
import { median } from '../statistics.ts'
import { gainChart, learningChart, scoreChart } from './charts.ts'
import { claimsOf, rightlyProfiled } from './claims.ts'
import { byScenario, compared, gainBySeed, LEARNED, OURS, SLACK_FIT, signed } from './measures.ts'
import {
  average,
  byNode,
  GROUPS,
  gainOf,
  groupOf,
  keyOf,
  meanOf,
  nodeName,
  pairsOf,
  type SchedulingRun,
  type Score,
  scoresOf,
} from './scores.ts'
import { BOUND, MEAN_RATE, TRUE_RATE } from './settings.ts'
import { INFORMED, POLICY_OPTIMISATION } from './sweep.ts'
import { isVariation, variationTables } from './variations.ts'

export const title = 'Request scheduling: which variant serves each request of one node'

const EFFECTIVE = 'effective accuracy (%)'
const VIOLATIONS = 'deadline violations (%): dropped or late'
const SERVED = 'accuracy of the answers in time (%)'
const GAP = 'points of effective accuracy below what was possible'
const GAIN = 'points of effective accuracy above slack-fit, by workload'
const LEARNING =
  'points of effective accuracy that learning gains over uniform-fit-drop, by family of workloads'
const RATE = 'points of effective accuracy above adaptive-smdp, which estimates the arrival rate'
const WRONG = 'services 20 % slower than profiled'

const METHOD = [
  'A reconstruction: the paper on workload-adaptive request scheduling is public as its abstract alone, so the decision process, the workloads and the aims are ours, and no number of a paper stands beside them.',
  'Simulated node. Ladder: MobileNet of four widths, 49.8/63.3/68.4/70.9 % at 0.46/1.26/2.83/4.99 ms; services vary by 3 %. cpu: no gain from batches. batching: a batch of b takes 0.75 + 0.25 b times one request, an assumed shape. One earliest-deadline-first queue; what cannot finish in time any more is dropped, by every policy alike. Deadlines: four times and twice the service time of the largest variant.',
  'Workloads: 28, by mean load light (below 1), medium (up to 2), high (up to 4) and overload (8 and 12); load 1 is what the workers sustain with the largest variant, with batching three times that. Poisson, Markov-modulated, gamma with coefficients of variation of 3 and 5, plateaus, and published shapes. Of each 10,000 requests, and 4 s at least, of an overload 20 s, as some policies carry one for seconds before they tip over; shapes whose rate drifts are run whole, as much faster as that takes.',
  'Effective accuracy: mean over all requests of the accuracy of the variant that answered in time, 0 for a request dropped or late. Mean over workloads and seeds; the interval is from the lowest to the highest seed. Clairvoyant: an exact dynamic programme over all arrivals, without noise, for one worker; what is below it is partly what no policy can know.',
  'Policies: slack-fit, model-switching, jellyfish and the two edf rules as published in essence; uniform-fit is our rule, “the largest variant with which every request now waiting would still be in time”, uniform-fit-drop gives up the head where that lets a large batch form. Most of what can be gained over slack-fit is gained by looking at the whole queue: so uniform-fit stands beside it everywhere. adaptive-smdp: the decision process solved by value iteration for a grid of Poisson rates, looked up by the estimated rate, with uniform-fit as its guard; smdp-mean-rate and smdp-true-rate are told the mean rate and the true rate of the moment.',
  'Learned policies: a small network whose prior is uniform-fit-drop, trained for each node and each seed anew on workloads drawn from four families, the published shapes never among them. learned-hindsight: taught by an exact look back over whole workloads, for one worker. learned-roll-outs, for several: every action tried out under uniform-fit-drop. learned-ppo: proximal policy optimisation without a prior, nearest to the abstract. The latter, and policies that know more or less of the arrivals or pay for violations, are learned with the first three seeds alone. Seeds below 100 chose all settings.',
]

type Numbered = (score: Score) => number | null

export function analyse(runs: readonly SchedulingRun[]): Report {
  const scores = scoresOf(rightlyProfiled(runs))
  const usual = scores.filter((score) => !isVariation(score))
  const uninformed = usual.filter(({ policy }) => !INFORMED.includes(policy))
  const effective = byLoad(EFFECTIVE, uninformed, effectiveOf)
  const violations = byLoad(VIOLATIONS, uninformed, ({ violationPercent }) => violationPercent)
  return {
    method: METHOD,
    summary: summaryOf(usual),
    claims: claimsOf(runs),
    comparisons: [
      ...effective,
      ...violations,
      ...byLoad(SERVED, uninformed, ({ servedAccuracyPercent }) => servedAccuracyPercent),
      ...gaps(uninformed),
      ...gains(usual),
      ...learning(usual),
      ...rateKnowledge(scores),
      ...variationTables(scores),
      ...wrongProfiles(runs),
    ],
    charts: [
      scoreChart('effective-accuracy', EFFECTIVE, effective),
      scoreChart('violations', VIOLATIONS, violations),
      gainChart(uninformed),
      learningChart(scores),
    ],
  }
}

function effectiveOf({ effectiveAccuracyPercent }: Score): number {
  return effectiveAccuracyPercent
}

/** For every node and policy, by load and over all workloads. */
function byLoad(measure: string, scores: readonly Score[], number: Numbered): Comparison[] {
  return byNode(scores).flatMap(([node, ofNode]) =>
    grouped(ofNode, ({ policy }) => policy).flatMap(([policy, own]) =>
      [...GROUPS, 'all'].flatMap((load) => {
        const group = load === 'all' ? own : own.filter((score) => groupOf(score) === load)
        return compared(measure, { node, policy, load }, meanOf(group, number))
      }),
    ),
  )
}

function gaps(scores: readonly Score[]): Comparison[] {
  const bounds = new Map(
    scores
      .filter(({ policy }) => policy === BOUND)
      .map((score) => [keyOf(score), score.effectiveAccuracyPercent]),
  )
  const bounded = scores.filter((score) => score.policy !== BOUND && bounds.has(keyOf(score)))
  return byLoad(GAP, bounded, (score) => {
    return (bounds.get(keyOf(score)) ?? Number.NaN) - score.effectiveAccuracyPercent
  })
}

/** Lowest, median and highest workload, each the mean of its seeds. */
function gains(scores: readonly Score[]): Comparison[] {
  const others = distinct(scores.map(({ policy }) => policy)).filter(
    (policy) => policy !== SLACK_FIT && policy !== BOUND,
  )
  return byNode(scores).flatMap(([node, ofNode]) =>
    others.flatMap((policy) => {
      const values = byScenario(pairsOf(ofNode, policy, SLACK_FIT)).map(([, gain]) => gain)
      if (values.length === 0) return []
      const [lowest, highest] = [Math.min(...values), Math.max(...values)]
      return Object.entries({ lowest, median: median(values), highest }).flatMap(
        ([workload, gain]) =>
          compared(GAIN, { node, policy, workload }, { mean: gain, low: gain, high: gain }),
      )
    }),
  )
}

/** Where it pays, and where it does not. */
function learning(scores: readonly Score[]): Comparison[] {
  return byNode(scores).flatMap(([node, ofNode]) =>
    [...LEARNED, POLICY_OPTIMISATION].flatMap((policy) =>
      [...grouped(ofNode, ({ family }) => family), ['all', ofNode] as const].flatMap(
        ([family, own]) =>
          compared(LEARNING, { node, policy, family }, gainBySeed(own, policy, OURS)),
      ),
    ),
  )
}

/** What cannot be observed, for policies without learning: the same table, looked up by what is known of the rate. */
function rateKnowledge(scores: readonly Score[]): Comparison[] {
  const knowing = {
    [MEAN_RATE]: 'its mean',
    [TRUE_RATE]: 'that of the moment',
    [OURS]: 'not used',
  }
  return byNode(scores).flatMap(([node, own]) =>
    Object.entries(knowing).flatMap(([policy, rate]) => {
      const cell = { node, 'arrival rate known:': rate }
      return compared(RATE, cell, gainBySeed(own, policy, 'adaptive-smdp'))
    }),
  )
}

function wrongProfiles(runs: readonly SchedulingRun[]): Comparison[] {
  const wrong = runs.filter(({ settings }) => settings.slowdown !== 1)
  const nodes = wrong.map(({ settings }) => nodeName(settings.node))
  const kinds = [
    ['profile right', rightlyProfiled(runs)],
    ['times as profiled', runsWith(wrong, { recalibrate: false })],
    ['times follow those measured', runsWith(wrong, { recalibrate: true })],
  ] as const
  const numbers: readonly (readonly [string, Numbered])[] = [
    ['effective accuracy (%)', effectiveOf],
    ['violations (%)', ({ violationPercent }) => violationPercent],
  ]
  return numbers.flatMap(([measure, number]) =>
    valuesOf(wrong, 'policy').flatMap((policy) =>
      kinds.flatMap(([planned, own]) => {
        const scores = scoresOf(runsWith(own, { policy })).filter(({ node }) =>
          nodes.includes(node),
        )
        return compared(`${WRONG}: ${measure}`, { policy, planned }, meanOf(scores, number))
      }),
    ),
  )
}

/** Where something is gained, by how much, and where nothing is. */
function summaryOf(scores: readonly Score[]): string {
  const pairs = pairsOf(scores, OURS, SLACK_FIT)
  const perWorkload = grouped(pairs, ({ own }) => own.node).flatMap(([, own]) => byScenario(own))
  const values = perWorkload.map(([, gain]) => gain)
  const nothing = perWorkload.filter(([, gain]) => gain < 0.1).map(([scenario]) => scenario)
  const violated = (side: 'own' | 'other') =>
    average(pairs.map((pair) => pair[side].violationPercent ?? 0)).toFixed(1)
  const drop = average(pairsOf(scores, OURS, 'uniform-fit').map(gainOf))
  return [
    `${OURS} against ${SLACK_FIT}: ${signed(average(values))} points of effective accuracy on average, median workload ${signed(median(values))}, lowest ${signed(Math.min(...values))}; violations ${violated('own')} % in place of ${violated('other')} %.`,
    `uniform-fit without the early drop of the head: ${signed(-drop)} points.`,
    nothing.length === 0
      ? 'There is no workload in which less than 0.1 points are gained.'
      : `Nothing is gained (less than 0.1 points) in ${nothing.length} of ${values.length} workloads and nodes: ${distinct(nothing).join(', ')}.`,
    ...learningSummary(scores),
  ].join(' ')
}

/** What learning adds to the rule, and how often nothing. */
function learningSummary(scores: readonly Score[]): string[] {
  const learned = [...LEARNED, POLICY_OPTIMISATION].filter((name) =>
    scores.some(({ policy }) => policy === name),
  )
  if (learned.length === 0) return []
  const means = learned.map((policy) => {
    return `${policy} ${signed(average(pairsOf(scores, policy, OURS).map(gainOf)))}`
  })
  const little = byNode(scores).flatMap(([node, own]) => {
    const gains = LEARNED.flatMap((policy) => byScenario(pairsOf(own, policy, OURS)))
    const nothing = gains.filter(([, gain]) => gain < 0.1).length
    return gains.length > 0 ? [`${nothing} of ${gains.length} (${node})`] : []
  })
  return [
    `Learned policies against ${OURS}, in points: ${means.join(', ')}.`,
    `Learning gains nothing over it (less than 0.1 points) in ${little.join(', ')} workloads.`,
  ]
}
