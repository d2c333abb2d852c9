/** Numbers that several claims and tables are made of, and how they are written. */
import type { Claim, Comparison } from '../report.ts'
import { grouped } from '../runs.ts'
import { median } from '../statistics.ts'
import {
  average,
  BEST_PUBLISHED,
  byNode,
  bySeed,
  gainOf,
  type Pair,
  pairsOf,
  type Score,
  type Scored,
} from './scores.ts'
import { BEST_FIXED } from './settings.ts'
import { HINDSIGHT, ROLL_OUTS } from './sweep.ts'

/** The built-in rule, and the one before it. */
export const OURS = 'anticipating-fit'
export const PREDECESSOR = 'uniform-fit-drop'
/** The published policy that others are compared with. */
export const SLACK_FIT = 'slack-fit'
/** What stands beside every policy in every table. */
export const REFERENCES: readonly string[] = [SLACK_FIT, BEST_PUBLISHED, BEST_FIXED]

/** By the default trainers, which one for which node is for. */
export const LEARNED: readonly string[] = [HINDSIGHT, ROLL_OUTS]

/** Only nodes that have the number. */
export function perNode(
  scores: readonly Score[],
  number: (own: readonly Score[]) => number,
): [node: string, number: number][] {
  return byNode(scores)
    .map(([node, own]): [string, number] => [node, number(own)])
    .filter(([, value]) => Number.isFinite(value))
}

/** Mean over the seeds. */
export function byScenario(pairs: readonly Pair[]): [scenario: string, gain: number][] {
  return grouped(pairs, ({ own }) => own.scenario).map(([scenario, own]) => {
    return [scenario, average(own.map(gainOf))]
  })
}

/** Of the workloads, each the mean of its seeds, on every node that has both policies. */
export function medianGains(
  scores: readonly Score[],
  policy: string,
  other: string,
): [node: string, gain: number][] {
  return perNode(scores, (own) => {
    const gains = byScenario(pairsOf(own, policy, other)).map(([, gain]) => gain)
    return gains.length > 0 ? median(gains) : Number.NaN
  })
}

/** On average over workloads and seeds, on every node that has both policies. */
export function meanGains(
  scores: readonly Score[],
  policy: string,
  other: string,
): [node: string, gain: number][] {
  return perNode(scores, (own) => average(pairsOf(own, policy, other).map(gainOf)))
}

/** The gain of every seed, of a learned policy of every training, averaged over the workloads. */
export function gainBySeed(
  scores: readonly Score[],
  policy: string,
  other: string,
): Scored | undefined {
  const gains = grouped(pairsOf(scores, policy, other), ({ own }) => bySeed(own)).map(([, pairs]) =>
    average(pairs.map(gainOf)),
  )
  if (gains.length === 0) return undefined
  return { mean: average(gains), low: Math.min(...gains), high: Math.max(...gains) }
}

/** `cpu, 1 worker, 20 ms +3.70; …` */
export function listed(numbers: readonly (readonly [string, number])[]): string {
  return numbers.map(([name, number]) => `${name} ${signed(number)}`).join('; ')
}

/** `+0.35`, `−1.20` */
export function signed(points: number): string {
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}`
}

/** `lowest −0.05 (gamma-4-cv-3, cpu, 1 worker, 20 ms)`: the pair that gains least. */
export function lowest(pairs: readonly Pair[]): string {
  const [worst] = pairs.toSorted((one, other) => gainOf(one) - gainOf(other))
  return worst ? `lowest ${signed(gainOf(worst))} (${worst.own.scenario}, ${worst.own.node})` : ''
}

/** Holds if it does of the mean; none where there is nothing. */
export function claimOfMean(
  claim: string,
  values: readonly number[],
  holds: (mean: number) => boolean,
  measured: (mean: number) => string,
): Claim[] {
  const mean = average(values)
  return values.length > 0 ? [{ claim, measured: measured(mean), holds: holds(mean) }] : []
}

/** No paper has such numbers. @returns nothing where there is none */
export function compared(
  measure: string,
  cell: Comparison['cell'],
  scored: Scored | undefined,
): Comparison[] {
  if (scored === undefined) return []
  const { mean, low, high } = scored
  const verdict = 'not in the paper'
  return [{ measure, cell, paper: null, ours: mean, low, high, verdict, note: '', decimals: 2 }]
}
