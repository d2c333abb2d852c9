/** Claims that several experiments judge alike. */
import { type Learner, ratioName } from './learners.ts'
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

/** With five users, hybrid is quicker than a baseline by a factor, for every goal given. */
export function ratioClaim(
  what: string,
  factor: number,
  ratios: readonly Comparison[],
  [baseline, hybrid]: readonly [baseline: Learner, hybrid: Learner],
  goals?: readonly string[],
): Claim[] {
  const own = inCell(ratios, { users: '5', ratio: ratioName(baseline, hybrid) }).filter(
    ({ cell }) => goals?.includes(cell['goal'] ?? '') ?? true,
  )
  const of = goals ? `at ${goals.join(', ')}` : 'at every goal'
  return claimOfAll(
    `Five users: ${baseline.name} takes at least ${factor} times ${what} as ${hybrid.name}, ${of}.`,
    own,
    ({ ours }) => ours === null || ours >= factor,
    listed(own),
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
