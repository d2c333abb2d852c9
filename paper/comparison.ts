/** Medians and ratios of medians beside the paper's numbers, with intervals and verdicts. */
import type { Comparison, FinishedRun } from './experiment.ts'
import { bootstrap, type Interval, median } from './statistics.ts'

/** Real steps to convergence; infinitely many where the run does not show any. Shape [runs]. */
export function stepCounts(runs: readonly FinishedRun[]): number[] {
  return runs.map((run) => (run.converged ? run.realSteps : Number.POSITIVE_INFINITY))
}

export interface Compared extends Pick<Comparison, 'measure' | 'cell' | 'note'> {
  /** None: the paper has no such number. */
  readonly paper: number | undefined
  /** Which side of the paper's number is better; `neither` where the paper claims nothing of it. */
  readonly better: 'low' | 'high' | 'neither'
}

/** @param values one for every seed; Infinity where a run shows none */
export function compareMedian(
  compared: Compared,
  values: readonly number[],
  uniform: () => number,
): Comparison {
  const interval = bootstrap([values], ([group = []]) => median(group), uniform)
  return comparison(compared, median(values), interval)
}

/** @returns null where the median of the denominator is infinite: there is no ratio then */
export function compareRatio(
  compared: Compared,
  numerator: readonly number[],
  denominator: readonly number[],
  uniform: () => number,
): Comparison | null {
  const ratio = ([above = [], below = []]: readonly (readonly number[])[]) =>
    median(below) === Number.POSITIVE_INFINITY ? 0 : median(above) / median(below)
  const groups = [numerator, denominator]
  const ours = ratio(groups)
  return ours === 0 ? null : comparison(compared, ours, bootstrap(groups, ratio, uniform))
}

function comparison(compared: Compared, ours: number, { low, high }: Interval): Comparison {
  const { measure, cell, paper, note } = compared
  return {
    measure,
    cell,
    paper: paper ?? null,
    ours: finite(ours),
    low: finite(low),
    high: finite(high),
    verdict: verdictOf(compared, low, high),
    note,
  }
}

/** Where the paper's number lies to the interval. */
function verdictOf({ paper, better }: Compared, low: number, high: number): Comparison['verdict'] {
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
