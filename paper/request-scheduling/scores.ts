/** The runs of request scheduling, workload by workload, and means over groups of them. */
import { mean } from 'simple-statistics'
import type { Run } from '../experiment.ts'
import { grouped } from '../runs.ts'
import type { ScenarioOutcome } from './server.ts'
import type { SchedulingNode, SchedulingSettings } from './settings.ts'

export interface SchedulingResult {
  readonly outcomes: readonly ScenarioOutcome[]
  /** Of a learned policy: processor time, all threads. */
  readonly trainingSeconds?: number
}

export type SchedulingRun = Run<SchedulingSettings, SchedulingResult>

/** One policy on one node, one workload and one seed. */
export interface Score extends ScenarioOutcome {
  readonly node: string
  readonly workers: number
  readonly profile: SchedulingNode['profile']
  readonly policy: string
  readonly seed: number
}

export const GROUPS = ['light', 'medium', 'high', 'overload'] as const
type Group = (typeof GROUPS)[number]

/** @param runs of one profile: all right, or all wrong in the same way */
export function scoresOf(runs: readonly SchedulingRun[]): Score[] {
  return runs.flatMap(({ settings: { node, policy, seed }, result }) => {
    const { workers, profile } = node
    const own = { node: nodeName(node), workers, profile, policy, seed }
    return result.outcomes.map((outcome) => ({ ...outcome, ...own }))
  })
}

/** `cpu, 1 worker, 20 ms` */
export function nodeName({ profile, workers, deadlineMs }: SchedulingNode): string {
  return `${profile}, ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${deadlineMs} ms`
}

/** In order of first appearance. */
export function byNode(
  scores: readonly Score[],
): (readonly [node: string, own: readonly Score[]])[] {
  return grouped(scores, ({ node }) => node)
}

/** By mean load: below 1, up to 2, up to 4, beyond. */
export function groupOf({ load }: Pick<ScenarioOutcome, 'load'>): Group {
  if (load < 1) return 'light'
  if (load <= 2) return 'medium'
  return load <= 4 ? 'high' : 'overload'
}

export interface Scored {
  readonly mean: number
  /** Lowest and highest mean of a seed. */
  readonly low: number
  readonly high: number
}

/** @returns undefined where no score has the number */
export function meanOf(
  scores: readonly Score[],
  number: (score: Score) => number | null,
): Scored | undefined {
  const means = grouped(scores, ({ seed }) => seed).flatMap(([, own]) => {
    const values = own.flatMap((score) => number(score) ?? [])
    return values.length > 0 ? [average(values)] : []
  })
  if (means.length === 0) return undefined
  return { mean: average(means), low: Math.min(...means), high: Math.max(...means) }
}

/** What scores of different policies are compared by. */
export function keyOf({ node, scenario, seed }: Score): string {
  return JSON.stringify([node, scenario, seed])
}

/** The same workload and seed on the same node under two policies. */
export interface Pair {
  readonly own: Score
  readonly other: Score
}

/** @returns a pair for every score of `policy` that `other` has, too */
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
