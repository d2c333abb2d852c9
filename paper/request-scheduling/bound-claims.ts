/** How near to what was possible, and whether that is a bound at all. */
import type { Claim } from '../report.ts'
import { grouped } from '../runs.ts'
import { OURS, PREDECESSOR } from './measures.ts'
import {
  AT_LEAST,
  AT_MOST,
  average,
  gainOf,
  meanOf,
  nodeName,
  pairsOf,
  type Score,
} from './scores.ts'
import { BOUND, type SchedulingNode } from './settings.ts'
import { sweep, WORKLOADS } from './sweep.ts'

/** Where gaps are to be closed. */
const TIGHT = 1.5
/** Points below the upper end of the bound that are aimed at, by deadline: one worker, ladder mobilenet, no batches. */
const GAPS = { 4: 0.35, 2: 0.7 }
/** Sums of the same numbers in another order. */
const ROUNDING = 1e-9

/** @param scores of the runs that were profiled rightly */
export function boundClaims(scores: readonly Score[]): Claim[] {
  return [
    gapClosed(scores),
    neverExceeded(scores),
    ...Object.entries(GAPS).map(([deadline, most]) => gapAtMost(scores, Number(deadline), most)),
  ]
}

/** Of what the predecessor left to the upper end: the lower one would flatter. */
function gapClosed(scores: readonly Score[]): Claim {
  const gamma = WORKLOADS.filter(({ family }) => family === 'gamma')
  const cells = boundedNodes(({ deadlineServices }) => deadlineServices === TIGHT).flatMap((node) =>
    gamma.map(({ name }) => {
      const own = scores.filter((score) => score.node === node && score.scenario === name)
      const gained = average(pairsOf(own, OURS, PREDECESSOR).map(gainOf))
      return { node, name, share: gained / average(pairsOf(own, AT_MOST, PREDECESSOR).map(gainOf)) }
    }),
  )
  const parts = grouped(cells, ({ node }) => node).map(([node, own]) => {
    const shares = own.map(({ name, share }) => `${name} ${percentText(share)}`)
    return `${node}: ${shares.join(', ')}`
  })
  return {
    claim: `Gamma arrivals, deadline 1.5 × the largest service, one worker: ${OURS} closes at least half of the gap that ${PREDECESSOR} leaves to the upper end of the bound, in every workload on every node.`,
    measured: parts.join('; '),
    holds: cells.length > 0 && cells.every(({ share }) => Number.isFinite(share) && share >= 0.5),
  }
}

/** In every single run, and the bracket the right way round. */
function neverExceeded(scores: readonly Score[]): Claim {
  const policies = [...new Set(scores.map(({ policy }) => policy))].filter((one) => one !== AT_MOST)
  const pairs = policies.flatMap((policy) => pairsOf(scores, policy, AT_MOST))
  const over = pairs.filter((pair) => !(gainOf(pair) <= ROUNDING))
  const bounded = pairsOf(scores, AT_LEAST, AT_MOST)
  const missing = boundedNodes(() => true).flatMap((node) =>
    WORKLOADS.filter(
      ({ name }) => !bounded.some(({ own }) => own.node === node && own.scenario === name),
    ),
  )
  const [worst] = over.map(({ own }) => `${own.policy}, ${own.scenario}, ${own.node}`)
  const widest = Math.max(...bounded.map((pair) => -gainOf(pair)))
  return {
    claim:
      'The upper end of the bound is never below a policy, nor below its lower end, in any single run.',
    measured: [
      `exceeded in ${over.length} of ${pairs.length}${worst ? ` (${worst})` : ''}`,
      `widest bracket ${widest.toFixed(2)} points`,
      ...(missing.length > 0 ? [`no bound in ${missing.length} places`] : []),
    ].join('; '),
    holds: pairs.length > 0 && over.length === 0 && missing.length === 0,
  }
}

function gapAtMost(scores: readonly Score[], deadlineServices: number, most: number): Claim {
  const place = { ladder: 'mobilenet', profile: 'cpu', workers: 1, deadlineServices } as const
  const node = nodeName(place)
  const own = scores.filter((score) => score.node === node)
  const from = (end: string) => average(pairsOf(own, end, OURS).map(gainOf))
  const reached = meanOf(
    own.filter(({ policy }) => policy === OURS),
    (score) => score.effectiveAccuracyPercent,
  )
  return {
    claim: `${node}: ${OURS} is on average at most ${most} points below the upper end of what was possible, had every arrival been known.`,
    measured: `${from(AT_LEAST).toFixed(2)} to ${from(AT_MOST).toFixed(2)} points below, at ${reached?.mean.toFixed(2)} %`,
    holds: from(AT_MOST) <= most,
  }
}

/** Of a full sweep. */
function boundedNodes(has: (node: SchedulingNode) => boolean): string[] {
  const asked = sweep({ quick: false, seeds: 1 }).filter(({ policy }) => policy === BOUND)
  return asked
    .map(({ node }) => node)
    .filter(has)
    .map(nodeName)
}

function percentText(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : 'missing'
}
