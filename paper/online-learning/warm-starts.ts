/** How many real steps does an agent save that already knows another goal, or a smaller fleet? */
import { compare, compareMedian } from '../comparison.ts'
import { runsOf } from '../learners.ts'
import type { Comparison } from '../report.ts'
import { runsWith } from '../runs.ts'
import { median } from '../statistics.ts'
import { stepCounts, type Training } from '../trainings.ts'
import { GOAL, LEARNERS, WARM_STARTS } from './sweep.ts'

const WARM = 'real steps at 89 %, five users, scenario A'
const SAVED = 'real steps saved by a warm start (%)'

/** Steps from nothing and from each warm start, and what is saved. */
export function warmStarts(
  runs: readonly Training[],
  uniform: () => number,
): { readonly steps: Comparison[]; readonly saved: Comparison[] } {
  const all = runsWith(runs, { users: 5, scenario: 'A', goal: GOAL })
  const cells = LEARNERS.flatMap((learner) => {
    const own = runsOf(all, learner).filter(({ settings }) => settings.maxSteps > 1)
    if (!own.some(({ settings }) => settings.warmStart)) return []
    const from = (start: { readonly goal: number; readonly users: number } | undefined) =>
      stepCounts(
        own.filter(({ settings: { warmStart } }) => {
          return warmStart?.goal === start?.goal && warmStart?.users === start?.users
        }),
      )
    const starts = Object.entries({ 'from nothing': undefined, ...WARM_STARTS })
    return starts.map(([start, at]) => {
      const cell = { learner: learner.name, start }
      return { cell, cold: from(undefined), counts: from(at) }
    })
  })
  return {
    steps: cells.flatMap(({ cell, counts }) => {
      const note = `${counts.filter(Number.isFinite).length} of ${counts.length} converge`
      return compareMedian({ measure: WARM, cell, note }, counts, uniform)
    }),
    saved: cells
      .filter(({ cell, cold }) => cell.start !== 'from nothing' && Number.isFinite(median(cold)))
      .flatMap(({ cell, counts, cold }) =>
        compare({ measure: SAVED, cell }, [counts, cold], savedPercent, uniform),
      ),
  }
}

/** −∞ where the warm runs do not converge. */
function savedPercent([warm = [], cold = []]: readonly (readonly number[])[]): number {
  return 100 * (1 - median(warm) / median(cold))
}
