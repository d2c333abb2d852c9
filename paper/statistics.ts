/** Statistics over seeds that simple-statistics does not have: a run that did not converge counts as infinitely many steps. */

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Enough for bounds that hardly move with the draws. */
const RESAMPLES = 2000

/** @param values at least one; Infinity is allowed */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  return (low + high) / 2
}

/** The lowest value that at least this share of the values does not exceed. @param values at least one; Infinity is allowed */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? Number.NaN
}

/** Mean of the values left when a quarter, rounded down, is taken from either end. */
export function interquartileMean(values: readonly number[]): number {
  const cut = Math.floor(values.length / 4)
  const kept = values.toSorted((a, b) => a - b).slice(cut, values.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}

/** The 95 % percentile bootstrap interval of a statistic of the groups, each resampled by itself. */
export function bootstrap(
  groups: readonly (readonly number[])[],
  statistic: (groups: readonly (readonly number[])[]) => number,
  uniform: () => number,
): Interval {
  const resampled = Array.from({ length: RESAMPLES }, () =>
    statistic(
      groups.map((values) => values.map(() => values[Math.floor(uniform() * values.length)] ?? 0)),
    ),
  ).toSorted((a, b) => a - b)
  const bound = (share: number) => resampled[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN
  return { low: bound(0.025), high: bound(0.975) }
}
