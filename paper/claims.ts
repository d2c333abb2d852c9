/** Claims that several tables judge alike. */
import type { Claim, Comparison } from './experiment.ts'
import { type Learner, ratioName } from './learners.ts'

/** With five users, hybrid is quicker than a baseline by a factor, for every goal given. */
export function ratioClaim(
  what: string,
  factor: number,
  ratios: readonly Comparison[],
  [baseline, hybrid]: readonly [baseline: Learner, hybrid: Learner],
  goals?: readonly string[],
): Claim[] {
  const own = ratios.filter(
    ({ cell }) =>
      cell['ratio'] === ratioName(baseline, hybrid) &&
      cell['users'] === '5' &&
      (goals === undefined || goals.includes(cell['goal'] ?? '')),
  )
  if (own.length === 0) return []
  const of = goals ? `at ${goals.join(', ')}` : 'at every goal'
  return [
    {
      claim: `Five users: ${baseline.name} takes at least ${factor} times ${what} as ${hybrid.name}, ${of}.`,
      measured: listed(own),
      holds: own.every(({ ours }) => ours === null || ours >= factor),
    },
  ]
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
