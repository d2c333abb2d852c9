/** Statistics of the runs, and how they stand beside the paper's numbers once their intervals are drawn. */
import type { Comparison } from './report.ts'
import { bootstrap, median } from './statistics.ts'

/** What is compared. Without more it is a number of ours that stands beside none. */
export interface Compared extends Pick<Comparison, 'measure' | 'cell'> {
  readonly note?: string
  readonly paper?: number | undefined
  /** Which side of the paper's number is better; by default neither: the paper claims nothing of it. */
  readonly better?: 'low' | 'high' | 'neither'
}

type Groups = readonly (readonly number[])[]

/** A number of ours whose interval is not drawn yet. */
export interface Estimate extends Compared {
  /** Each is resampled by itself; Infinity where a run shows none. */
  readonly groups: Groups
  readonly statistic: (groups: Groups) => number
}

/** Draws the 95 % bootstrap intervals, one estimate after the other. @param uniform draws from [0, 1) */
export function compare(estimates: readonly Estimate[], uniform: () => number): Comparison[] {
  return estimates.map((estimate) => {
    const { measure, cell, note = '', paper = null, groups, statistic } = estimate
    const { low, high } = bootstrap(groups, statistic, uniform)
    const numbers = { ours: finite(statistic(groups)), low: finite(low), high: finite(high) }
    const verdict = verdictOf(estimate, low, high)
    return { measure, cell, paper, ...numbers, verdict, note }
  })
}

/** None of no values. @param statistic of the values of all groups together, each resampled by itself */
export function estimate(
  compared: Compared,
  groups: Groups,
  statistic: (values: readonly number[]) => number,
): Estimate[] {
  const isKnown = groups.flat().length > 0
  return isKnown ? [{ ...compared, groups, statistic: (all) => statistic(all.flat()) }] : []
}

/** @param values one for every seed */
export function medianOf(compared: Compared, values: readonly number[]): Estimate[] {
  return estimate(compared, [values], median)
}

/** Of medians; none where one has no values or that of the denominator is infinite. */
export function ratioOf(
  compared: Compared,
  numerator: readonly number[],
  denominator: readonly number[],
): Estimate[] {
  if (numerator.length === 0 || !Number.isFinite(median(denominator))) return []
  const statistic = ([above = [], below = []]: Groups) =>
    median(below) === Number.POSITIVE_INFINITY ? 0 : median(above) / median(below)
  return [{ ...compared, groups: [numerator, denominator], statistic }]
}

/** Mean of the first ÷ mean of the second; runs of equal index differ in one setting alone and are resampled together. */
export function ratioOfMeans(
  compared: Compared,
  above: readonly number[],
  below: readonly number[],
): Estimate[] {
  if (above.length !== below.length) return []
  const sum = (values: readonly number[], indices: readonly number[]) =>
    indices.reduce((total, index) => total + (values[index] ?? 0), 0)
  const ratio = (indices: readonly number[]) => sum(above, indices) / sum(below, indices)
  return estimate(compared, [[...above.keys()]], ratio)
}

/** Where the paper's number lies to the interval. */
function verdictOf(
  { paper, better = 'neither' }: Compared,
  low: number,
  high: number,
): Comparison['verdict'] {
  if (paper === undefined) return 'not in the paper'
  const verdicts = {
    low: { below: 'better', above: 'worse' },
    high: { below: 'worse', above: 'better' },
    neither: { below: 'lower', above: 'higher' },
  } as const
  if (high < paper) return verdicts[better].below
  if (low > paper) return verdicts[better].above
  // Ratios fall to 0 where the denominator's median is infinite.
  return low === 0 || high === Number.POSITIVE_INFINITY ? 'undecided' : 'reproduced'
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
