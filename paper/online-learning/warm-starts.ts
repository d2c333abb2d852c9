/** How many real steps does an agent save that already knows another goal, or a smaller fleet? */
import { compareMedian, stepCounts } from '../comparison.ts'
import type { Comparison, FinishedRun } from '../experiment.ts'
import { runsOf } from '../learners.ts'
import { bootstrap, median } from '../statistics.ts'
import { GOAL, LEARNERS, WARM_STARTS } from './sweep.ts'

const WARM = 'real steps at 89 %, five users, scenario A'
const SAVED = 'real steps saved by a warm start (%)'

/** Steps from nothing and from each warm start, and what is saved. */
export function warmStarts(
  runs: readonly FinishedRun[],
  uniform: () => number,
): { readonly steps: Comparison[]; readonly saved: Comparison[] } {
  const own = runs.filter(
    (run) => run.users === 5 && run.scenario === 'A' && run.goal === GOAL && run.maxSteps > 1,
  )
  const learners = LEARNERS.filter((each) => runsOf(own, each).some((run) => run.warmStart))
  const starts = Object.entries({ 'from nothing': undefined, ...WARM_STARTS })
  const cells = learners.flatMap((learner) => {
    const cold = stepCounts(runsOf(own, learner).filter((run) => !run.warmStart))
    return starts.map(([start, from]) => {
      const counts = stepCounts(
        runsOf(own, learner).filter(
          ({ warmStart }) => warmStart?.goal === from?.goal && warmStart?.users === from?.users,
        ),
      )
      return { learner: learner.name, start, cold, counts }
    })
  })
  return {
    steps: cells.map(({ learner, start, counts }) => {
      const note = `${counts.filter(Number.isFinite).length} of ${counts.length} converge`
      const cell = { learner, start }
      return compareMedian(
        { measure: WARM, cell, paper: undefined, better: 'low', note },
        counts,
        uniform,
      )
    }),
    saved: cells
      .filter(({ start, cold }) => start !== 'from nothing' && Number.isFinite(median(cold)))
      .map(({ learner, start, counts, cold }) =>
        savedOf({ learner, start }, counts, cold, uniform),
      ),
  }
}

/** −∞ where the warm runs do not converge. */
function savedOf(
  cell: Readonly<Record<string, string>>,
  warm: readonly number[],
  cold: readonly number[],
  uniform: () => number,
): Comparison {
  const saved = ([own = [], without = []]: readonly (readonly number[])[]) =>
    100 * (1 - median(own) / median(without))
  const { low, high } = bootstrap([warm, cold], saved, uniform)
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  const ours = finite(saved([warm, cold]))
  const verdict = 'not in the paper'
  return {
    measure: SAVED,
    cell,
    paper: null,
    ours,
    low: finite(low),
    high: finite(high),
    verdict,
    note: '',
  }
}
