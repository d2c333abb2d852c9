/** Claims that several experiments judge alike. */
import { type Learner, ratioName } from './learners.ts'
import { type Claim, type Comparison, inCell } from './report.ts'

/** Holds if it does of every comparison; none where there is none. @param measured by default the comparisons, listed */
export function claimOfAll(
  claim: string,
  own: readonly Comparison[],
  holds: (each: Comparison) => boolean,
  measured = listed(own),
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
  const own = inCell(ratios, { users: '5', ratio: ratioName(baseline, hybrid) })
  const of = goals ? `at ${goals.join(', ')}` : 'at every goal'
  return claimOfAll(
    `Five users: ${baseline.name} takes at least ${factor} times ${what} as ${hybrid.name}, ${of}.`,
    own.filter(({ cell }) => goals?.includes(cell['goal'] ?? '') ?? true),
    ({ ours }) => ours === null || ours >= factor,
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
