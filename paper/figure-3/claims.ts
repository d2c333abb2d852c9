/** When a curve of Figure 3 has arrived, and what we claim of it. */
import { claimOfMost } from '../claims.ts'
import type { Learner } from '../learners.ts'
import type { Claim } from '../report.ts'
import { grouped } from '../runs.ts'
import type { Interval } from '../statistics.ts'

/** One learner with one number of users at one goal. */
export interface Curve {
  readonly users: number
  readonly goal: number
  readonly learner: Learner
  /** Interquartile mean of the seeds with its interval at every step recorded, times the optimum. */
  readonly points: readonly (Interval & { readonly step: number; readonly ours: number })[]
}

/** Learner by learner, for every panel the step from which the curve is within 5 % of the optimum for good; else Infinity. */
export function arrivalsOf(curves: readonly Curve[]): [learner: string, steps: number[]][] {
  return grouped(curves, ({ learner }) => learner.name).map(([learner, own]) => [
    learner,
    own.map(({ points }) => {
      const last = points.findLastIndex(({ ours }) => ours > 1.05)
      return points[last + 1]?.step ?? Number.POSITIVE_INFINITY
    }),
  ])
}

/** Of hybrid, in either regime. */
export function claimsOf(curves: readonly Curve[]): Claim[] {
  const hybrids = curves.filter(({ learner }) => learner.agent === 'hybrid')
  return arrivalsOf(hybrids).flatMap(([learner, steps]) =>
    claimOfMost(
      `The curve of ${learner} is within 5 % of the optimum for good after 300 real steps, in every panel.`,
      steps,
      (step) => step <= 300,
      { what: 'panels' },
    ),
  )
}
