/** Request scheduling: how accurate and how punctual is every policy, on every node, and how far from what was possible? */
import type { Comparison, Report } from '../report.ts'
import { distinct, grouped, runsWith } from '../runs.ts'
import { median } from '../statistics.ts'
import { gainChart, learningChart, scoreChart } from './charts.ts'
import { claimsOf, rightlyProfiled } from './claims.ts'
import {
  byScenario,
  compared,
  gainBySeed,
  LEARNED,
  OURS,
  PREDECESSOR,
  REFERENCES,
  SLACK_FIT,
  signed,
} from './measures.ts'
import { METHOD } from './method.ts'
import {
  AT_LEAST,
  AT_MOST,
  average,
  BEST_PUBLISHED,
  byNode,
  gainOf,
  HALVES,
  halfOf,
  keyOf,
  meanOf,
  nodeName,
  pairsOf,
  type SchedulingRun,
  type Score,
  scoresOf,
} from './scores.ts'
import { BEST_FIXED } from './settings.ts'
import { POLICY_OPTIMISATION } from './sweep.ts'
import { isVariation, variationTables } from './variations.ts'

/** Of the report. */
export const title = 'Request scheduling: which variant serves each request of one node'

const EFFECTIVE = 'effective accuracy (%)'
const VIOLATIONS = 'deadline violations (%): dropped or late'
const SERVED = 'accuracy of the answers in time (%)'
const GAP = 'points of effective accuracy below the two ends of what was possible'
const GAIN = 'points of effective accuracy gained, in the median workload (least – greatest)'
const CELLS = `points of effective accuracy above ${OURS}, workload by workload`
const WRONG = 'services 20 % slower than profiled'

type Numbered = (score: Score) => number | null

/** Every measure by node and policy, each ladder by itself; none has an interval but that of the seeds. */
export function analyse(runs: readonly SchedulingRun[]): Report {
  const scores = scoresOf(rightlyProfiled(runs))
  const usual = scores.filter((score) => !isVariation(score))
  const ladders = grouped(usual, ({ on }) => on.ladder)
  return {
    method: METHOD,
    summary: summaryOf(usual),
    claims: claimsOf(runs),
    comparisons: [
      ...ladders.flatMap(([ladder, own]) => tablesOf(`ladder ${ladder}`, own)),
      ...variationTables(scores),
      ...wrongProfiles(runs),
    ],
    charts: ladders.flatMap(([ladder, own]) => [
      scoreChart(`effective-accuracy-${ladder}`, EFFECTIVE, byHalf(EFFECTIVE, own, effectiveOf)),
      scoreChart(`violations-${ladder}`, VIOLATIONS, byHalf(VIOLATIONS, own, violationsOf)),
      gainChart(`gain-${ladder}`, own),
      learningChart(`learning-${ladder}`, own),
    ]),
  }
}

/** @param of ladder: no table has two */
function tablesOf(of: string, own: readonly Score[]): Comparison[] {
  return [
    ...byHalf(`${EFFECTIVE}, ${of}`, own, effectiveOf),
    ...gains(`${GAIN}, ${of}`, own),
    ...gaps(`${GAP}, ${of}`, own),
    ...byHalf(`${VIOLATIONS}, ${of}`, own, violationsOf),
    ...byHalf(`${SERVED}, ${of}`, own, ({ servedAccuracyPercent }) => servedAccuracyPercent),
    ...cells(`${CELLS}, ${of}`, own),
  ]
}

function effectiveOf({ effectiveAccuracyPercent }: Score): number {
  return effectiveAccuracyPercent
}

function violationsOf({ violationPercent }: Score): number | null {
  return violationPercent
}

/** For every node and policy, loads up to 1 and above apart. */
function byHalf(measure: string, scores: readonly Score[], number: Numbered): Comparison[] {
  return byNode(scores).flatMap(([node, ofNode]) =>
    grouped(ofNode, ({ policy }) => policy).flatMap(([policy, own]) =>
      HALVES.flatMap((half) => {
        const group = own.filter((score) => halfOf(score) === half)
        return compared(measure, { node, policy, '': half }, meanOf(group, number))
      }),
    ),
  )
}

/** The best is between the ends: so is how far a policy is below it. */
function gaps(measure: string, scores: readonly Score[]): Comparison[] {
  const bounds = new Map(
    scores
      .filter(({ policy }) => isEnd(policy))
      .map((score) => [`${score.policy} ${keyOf(score)}`, score.effectiveAccuracyPercent]),
  )
  const policies = scores.filter(({ policy }) => !isEnd(policy))
  return byNode(policies).flatMap(([node, ofNode]) =>
    grouped(ofNode, ({ policy }) => policy).flatMap(([policy, own]) =>
      HALVES.flatMap((half) =>
        [AT_LEAST, AT_MOST].flatMap((end) => {
          const bounded = own.filter((score) => halfOf(score) === half)
          const below = meanOf(bounded, (score) => {
            const bound = bounds.get(`${end} ${keyOf(score)}`)
            return bound === undefined ? null : bound - score.effectiveAccuracyPercent
          })
          return compared(measure, { node, policy, '': `${half}, ${end}` }, below)
        }),
      ),
    ),
  )
}

function isEnd(policy: string): boolean {
  return policy === AT_LEAST || policy === AT_MOST
}

/** Over SlackFit, the best published rule and the best fixed variant: a workload is the mean of its seeds. */
function gains(measure: string, scores: readonly Score[]): Comparison[] {
  return byNode(scores).flatMap(([node, ofNode]) =>
    distinct(ofNode.map(({ policy }) => policy)).flatMap((policy) =>
      HALVES.flatMap((half) =>
        REFERENCES.flatMap((other) => {
          const own = ofNode.filter((score) => halfOf(score) === half)
          const values = byScenario(pairsOf(own, policy, other)).map(([, gain]) => gain)
          if (policy === other || values.length === 0) return []
          const cell = { node, policy, '': `${half}, over ${other}` }
          const [low, high] = [Math.min(...values), Math.max(...values)]
          return compared(measure, cell, { mean: median(values), low, high })
        }),
      ),
    ),
  )
}

/** Where every policy is better than the rule, and where it is not. */
function cells(measure: string, scores: readonly Score[]): Comparison[] {
  const columns = [
    ...LEARNED,
    POLICY_OPTIMISATION,
    PREDECESSOR,
    SLACK_FIT,
    BEST_PUBLISHED,
    BEST_FIXED,
    AT_LEAST,
    AT_MOST,
  ]
  return byNode(scores).flatMap(([node, ofNode]) =>
    grouped(ofNode, ({ scenario }) => scenario).flatMap(([workload, own]) =>
      columns.flatMap((policy) =>
        compared(measure, { node, workload, '': policy }, gainBySeed(own, policy, OURS)),
      ),
    ),
  )
}

function wrongProfiles(runs: readonly SchedulingRun[]): Comparison[] {
  const wrong = runs.filter(({ settings }) => settings.slowdown !== 1)
  const nodes = new Set(wrong.map(({ settings }) => nodeName(settings.node)))
  const kinds = Object.entries({
    'profile right': rightlyProfiled(runs),
    'times as profiled': runsWith(wrong, { recalibrate: false }),
    'times follow those measured': runsWith(wrong, { recalibrate: true }),
  }).map(([planned, own]) => {
    return [planned, scoresOf(own).filter(({ node }) => nodes.has(node))] as const
  })
  const numbers: readonly (readonly [string, Numbered])[] = [
    [EFFECTIVE, effectiveOf],
    [VIOLATIONS, violationsOf],
  ]
  return numbers.flatMap(([measure, number]) =>
    [OURS, PREDECESSOR, ...REFERENCES].flatMap((policy) =>
      kinds.flatMap(([planned, scores]) => {
        const own = scores.filter((score) => score.policy === policy)
        return compared(`${WRONG}: ${measure}`, { policy, planned }, meanOf(own, number))
      }),
    ),
  )
}

/** Where something is gained, by how much, and where nothing is: each ladder, and loads up to 1 and above, apart. */
function summaryOf(scores: readonly Score[]): string {
  const parts = grouped(scores, ({ on }) => on.ladder).flatMap(([ladder, ofLadder]) =>
    HALVES.map((half) => {
      const own = ofLadder.filter((score) => halfOf(score) === half)
      const over = REFERENCES.map((other) => {
        const gains = byNode(own).flatMap(([, ofNode]) =>
          byScenario(pairsOf(ofNode, OURS, other)).map(([, gain]) => gain),
        )
        return gains.length > 0
          ? `${other} ${signed(median(gains))} (${signed(Math.min(...gains))})`
          : ''
      })
      return `${ladder}, ${half}: ${over.join(', ')}`
    }),
  )
  return [
    `Points of effective accuracy that ${OURS} gains in the median workload and node (least). ${parts.join('; ')}.`,
    ...learningSummary(scores),
  ].join(' ')
}

/** What learning adds to the rule, on average, over all trainings. */
function learningSummary(scores: readonly Score[]): string[] {
  const means = [...LEARNED, POLICY_OPTIMISATION].flatMap((policy) => {
    const pairs = pairsOf(scores, policy, OURS)
    return pairs.length > 0 ? `${policy} ${signed(average(pairs.map(gainOf)))}` : []
  })
  return means.length > 0 ? [`Learned policies over ${OURS}, on average: ${means.join(', ')}.`] : []
}
