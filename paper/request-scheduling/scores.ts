/** The runs of request scheduling, workload by workload, and means over groups of them. */
import { mean } from 'simple-statistics'
import type { Run } from '../experiment.ts'
import { grouped } from '../runs.ts'
import type { ScenarioOutcome } from './server.ts'
import { BOUND, type SchedulingNode, type SchedulingSettings } from './settings.ts'
import { PUBLISHED } from './sweep.ts'

/** Of all workloads of a run. */
export interface SchedulingResult {
  readonly outcomes: readonly ScenarioOutcome[]
  /** Of a learned policy: processor time, all threads. */
  readonly trainingSeconds?: number
}

/** One policy on one node with one seed. */
export type SchedulingRun = Run<SchedulingSettings, SchedulingResult>

/** One policy on one node, one workload and one seed. */
export interface Score extends Omit<ScenarioOutcome, 'reachedPercent'> {
  readonly node: string
  readonly on: SchedulingNode
  readonly policy: string
  /** Of a learned policy. */
  readonly trainingSeed?: number
}

/** Ends of the bound, as policies are named. */
export const AT_MOST = 'clairvoyant, at most'
export const AT_LEAST = 'clairvoyant, at least'
/** Of `PUBLISHED`, in every workload on every node the one that is best there, chosen in hindsight. */
export const BEST_PUBLISHED = 'best published rule'

/** Halves of the workloads, by mean load: what a node carries with its largest variant, and more. */
export const HALVES = ['load up to 1', 'load above 1'] as const

/** Which of them a workload belongs to. */
export function halfOf({ load }: Pick<ScenarioOutcome, 'load'>): (typeof HALVES)[number] {
  return load <= 1 ? HALVES[0] : HALVES[1]
}

/** With those of the best published rule. @param runs of one profile: all right, or all wrong in the same way */
export function scoresOf(runs: readonly SchedulingRun[]): Score[] {
  const scores = runs.flatMap(scoresOfRun)
  return [...scores, ...bestPublished(scores)]
}

function scoresOfRun({ settings: { node, policy, training }, result }: SchedulingRun): Score[] {
  const own = { node: nodeName(node), on: node, ...(training && { trainingSeed: training.seed }) }
  return result.outcomes.flatMap(({ reachedPercent = Number.NaN, ...outcome }) => {
    if (policy !== BOUND) return [{ ...outcome, ...own, policy }]
    return [
      { ...outcome, ...own, policy: AT_LEAST, effectiveAccuracyPercent: reachedPercent },
      { ...outcome, ...own, policy: AT_MOST },
    ]
  })
}

function bestPublished(scores: readonly Score[]): Score[] {
  const published = scores.filter(({ policy }) => PUBLISHED.includes(policy))
  return grouped(published, ({ node, scenario }) => `${node} ${scenario}`).flatMap(([, own]) => {
    const [best] = grouped(own, ({ policy }) => policy)
      .map(([, scores]) => scores)
      .toSorted((one, other) => meanAccuracy(other) - meanAccuracy(one))
    return (best ?? []).map((score) => ({ ...score, policy: BEST_PUBLISHED }))
  })
}

function meanAccuracy(scores: readonly Score[]): number {
  return average(scores.map(({ effectiveAccuracyPercent }) => effectiveAccuracyPercent))
}

/** `mobilenet, cpu, 1 worker, 1.5 ×`: the deadline in services of the largest variant. */
export function nodeName({ ladder, profile, workers, deadlineServices }: SchedulingNode): string {
  return `${ladder}, ${profile}, ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${deadlineServices} ×`
}

/** In order of first appearance. */
export function byNode(
  scores: readonly Score[],
): (readonly [node: string, own: readonly Score[]])[] {
  return grouped(scores, ({ node }) => node)
}

/** Of several workloads and seeds. */
export interface Scored {
  readonly mean: number
  /** Lowest and highest mean of a seed, of a learned policy of a training. */
  readonly low: number
  readonly high: number
}

/** What chance decides: the training where there is one, else arrivals and services. */
export function bySeed({ seed, trainingSeed }: Score): number {
  return trainingSeed ?? seed
}

/** @returns undefined where no score has the number */
export function meanOf(
  scores: readonly Score[],
  number: (score: Score) => number | null,
): Scored | undefined {
  const means = grouped(scores, bySeed).flatMap(([, own]) => {
    const values = own.flatMap((score) => number(score) ?? [])
    return values.length > 0 ? [average(values)] : []
  })
  if (means.length === 0) return undefined
  return { mean: average(means), low: Math.min(...means), high: Math.max(...means) }
}

/** What scores of different policies are compared by. */
export function keyOf({ node, scenario, seed }: Score): string {
  return `${node} ${scenario} ${seed}`
}

/** The same workload and seed on the same node under two policies. */
export interface Pair {
  readonly own: Score
  readonly other: Score
}

/** @param other not a learned policy. @returns a pair for every score of `policy` that `other` has, too */
export function pairsOf(scores: readonly Score[], policy: string, other: string): Pair[] {
  const others = new Map(
    scores.filter((score) => score.policy === other).map((score) => [keyOf(score), score]),
  )
  return scores
    .filter((score) => score.policy === policy)
    .flatMap((own) => {
      const found = others.get(keyOf(own))
      return found ? [{ own, other: found }] : []
    })
}

/** Points of effective accuracy by which the first is better. */
export function gainOf({ own, other }: Pair): number {
  return own.effectiveAccuracyPercent - other.effectiveAccuracyPercent
}

/** NaN of none. */
export function average(values: readonly number[]): number {
  return values.length > 0 ? mean(values) : Number.NaN
}
