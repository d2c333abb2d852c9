/** Claims that several experiments judge alike. */
import { type Pair, ratioName } from './learners.ts'
import { type Claim, type Comparison, inCell } from './report.ts'

/** Holds if it does of each; none where there is nothing. */
export function claimOfAll<T>(
  claim: string,
  own: readonly T[],
  holds: (each: T) => boolean,
  measured: string,
): Claim[] {
  return own.length > 0 ? [{ claim, measured, holds: own.every(holds) }] : []
}

/** Holds if it does of at least this share of them; none where there is nothing. @param what they are, to be counted */
export function claimOfMost<T>(
  claim: string,
  own: readonly T[],
  holds: (each: T) => boolean,
  { share = 1, what = 'runs' } = {},
): Claim[] {
  const count = own.filter(holds).length
  const measured = `${count} of ${own.length} ${what}`
  const judged = { claim, measured, holds: count >= share * own.length }
  return own.length > 0 ? [what === 'runs' ? { ...judged, runs: own.length } : judged] : []
}

/**
 * With five users, hybrid is quicker than a baseline by a factor, for every goal given. A goal without a ratio fails it, since
 * hybrid does not converge there, and so does an infinite one: of how much, the runs do not show.
 * @param goals that were run, by name; none: nothing is claimed
 * @param only of these it is claimed
 */
export function ratioClaim(
  what: string,
  factor: number,
  ratios: readonly Comparison[],
  [baseline, hybrid]: Pair,
  { goals, only }: { readonly goals: readonly string[]; readonly only?: readonly string[] },
): Claim[] {
  const all = inCell(ratios, { users: '5', ratio: ratioName(baseline, hybrid) })
  const cells = goals
    .filter((goal) => only?.includes(goal) ?? true)
    .map((goal) => ({ goal, ratio: all.find(({ cell }) => cell['goal'] === goal) }))
  const of = only ? `at ${only.join(', ')}` : 'at every goal'
  return claimOfAll(
    `Five users: ${baseline.name} takes at least ${factor} times ${what} as ${hybrid.name}, ${of}.`,
    cells,
    ({ ratio }) => typeof ratio?.ours === 'number' && ratio.ours >= factor,
    cells.map(({ goal, ratio }) => (ratio ? listed([ratio]) : `${goal} not shown`)).join(', '),
  )
}

/** `Min 97 [90, 120], 80 % 120 [98, ∞], …`: the last name of the cell, ours and its interval. */
export function listed(comparisons: readonly Comparison[]): string {
  return comparisons
    .map(({ cell, ours, low, high }) => {
      const [value = '∞', from = '∞', to = '∞'] = [ours, low, high].map((number) =>
        number?.toLocaleString('en', { maximumFractionDigits: number < 20 ? 1 : 0 }),
      )
      return `${Object.values(cell).at(-1)} ${value} [${from}, ${to}]`
    })
    .join(', ')
}
