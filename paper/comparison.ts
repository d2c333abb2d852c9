/** Statistics of the runs with their intervals, beside the paper's numbers and judged by them. */
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

/**
 * A statistic with its bootstrap interval; none of no values.
 * @param groups each is resampled by itself; Infinity where a run shows none
 */
export function compare(
  compared: Compared,
  groups: Groups,
  statistic: (groups: Groups) => number,
  uniform: () => number,
): Comparison[] {
  if (groups.flat().length === 0) return []
  const { measure, cell, note = '', paper } = compared
  const { low, high } = bootstrap(groups, statistic, uniform)
  const verdict = verdictOf(compared, low, high)
  return [
    {
      measure,
      cell,
      paper: paper ?? null,
      ours: finite(statistic(groups)),
      low: finite(low),
      high: finite(high),
      verdict,
      note,
    },
  ]
}

/** @param statistic of the values of all groups together */
export function compareAll(
  compared: Compared,
  groups: Groups,
  statistic: (values: readonly number[]) => number,
  uniform: () => number,
): Comparison[] {
  return compare(compared, groups, (resampled) => statistic(resampled.flat()), uniform)
}

/** @param values one for every seed */
export function compareMedian(
  compared: Compared,
  values: readonly number[],
  uniform: () => number,
): Comparison[] {
  return compareAll(compared, [values], median, uniform)
}

/** Ratio of medians; none where one has no values or that of the denominator is infinite. */
export function compareRatio(
  compared: Compared,
  numerator: readonly number[],
  denominator: readonly number[],
  uniform: () => number,
): Comparison[] {
  const isDefined = numerator.length > 0 && Number.isFinite(median(denominator))
  const ratio = ([above = [], below = []]: Groups) =>
    median(below) === Number.POSITIVE_INFINITY ? 0 : median(above) / median(below)
  return isDefined ? compare(compared, [numerator, denominator], ratio, uniform) : []
}

/** Mean of the first ÷ mean of the second; runs of equal index differ in one setting alone and are resampled together. */
export function compareMeans(
  compared: Compared,
  above: readonly number[],
  below: readonly number[],
  uniform: () => number,
): Comparison[] {
  if (above.length !== below.length) return []
  const ratio = ([indices = []]: Groups) => {
    const sum = (values: readonly number[]) =>
      indices.reduce((total, index) => total + (values[index] ?? 0), 0)
    return sum(above) / sum(below)
  }
  return compare(compared, [[...above.keys()]], ratio, uniform)
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
