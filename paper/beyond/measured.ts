/** Numbers of our own with their intervals, in the form of comparisons: no paper has any of them but for the steps. */
import type { Comparison } from '../experiment.ts'
import { bootstrap } from '../statistics.ts'

type Statistic = (values: readonly number[]) => number

export interface Of {
  readonly measure: string
  readonly cell: Readonly<Record<string, string>>
  readonly note?: string
}

/** @param groups values by cell: each is resampled by itself, and the statistic is of all together; none at all gives nothing */
export function measured(
  of: Of,
  groups: readonly (readonly number[])[],
  statistic: Statistic,
  uniform: () => number,
): Comparison[] {
  if (groups.flat().length === 0) return []
  const { low, high } = bootstrap(groups, (resampled) => statistic(resampled.flat()), uniform)
  return [comparison(of, statistic(groups.flat()), low, high)]
}

/** Mean of the first ÷ mean of the second; runs of equal index differ in one setting alone and are resampled together. */
export function ratioOfMeans(
  of: Of,
  above: readonly number[],
  below: readonly number[],
  uniform: () => number,
): Comparison[] {
  if (above.length === 0 || above.length !== below.length) return []
  const ratio = ([indices = []]: readonly (readonly number[])[]) => {
    const sum = (values: readonly number[]) =>
      indices.reduce((total, index) => total + (values[index] ?? 0), 0)
    return sum(above) / sum(below)
  }
  const indices = above.map((_, index) => index)
  const { low, high } = bootstrap([indices], ratio, uniform)
  return [comparison(of, ratio([indices]), low, high)]
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

/** Values of the runs by what they have in common. */
export function grouped<T>(
  runs: readonly T[],
  keyOf: (run: T) => string,
  numberOf: (run: T) => number,
): number[][] {
  const groups = new Map<string, number[]>()
  for (const run of runs) {
    const key = keyOf(run)
    groups.set(key, [...(groups.get(key) ?? []), numberOf(run)])
  }
  return [...groups.values()]
}

function comparison({ measure, cell, note = '' }: Of, ours: number, low: number, high: number) {
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  return {
    measure,
    cell,
    paper: null,
    ours: finite(ours),
    low: finite(low),
    high: finite(high),
    verdict: 'not in the paper',
    note,
  } as const
}
