/** Whether the goal holds where accuracies are only measured, and what that costs. */
import { type Comparison, goalName } from '../experiment.ts'
import { goalsIn, type Learned, learnedIn } from './kinds.ts'
import { mean, measured } from './measured.ts'
import type { FinishedBeyondRun } from './run.ts'
import { CONFIDENCE } from './sweep.ts'

export const BROKEN = 'runs that ever break the goal, accuracies measured on 2,000 answers (%)'
export const PRICE = 'response time above the best decision’s by true accuracies (%)'

export const CAREFUL = `goal held with ${100 * CONFIDENCE} % confidence`
const TRUSTING = 'what was measured taken for true'

export function accuraciesOf(
  runs: readonly FinishedBeyondRun[],
  uniform: () => number,
): Comparison[] {
  const all = learnedIn(runs, 'accuracies')
  const cells = [CAREFUL, TRUSTING].flatMap((agent) =>
    goalsIn(all).map((goal) => ({
      cell: { agent, goal: goalName(goal) },
      own: all.filter((run) => run.goal === goal && isCareful(run) === (agent === CAREFUL)),
    })),
  )
  return [
    ...cells.flatMap(({ cell, own }) => {
      const broken = own.map(({ outcome }) => (outcome.violations > 0 ? 100 : 0))
      const decisions = own.reduce((sum, { outcome }) => sum + outcome.violations, 0)
      const note = `${decisions} decisions in ${own.length} runs`
      return measured({ measure: BROKEN, cell, note }, [broken], mean, uniform)
    }),
    ...cells.flatMap(({ cell, own }) =>
      measured(
        { measure: PRICE, cell },
        [own.map(({ outcome }) => outcome.extraPercent.all)],
        mean,
        uniform,
      ),
    ),
  ]
}

function isCareful({ overrides }: Learned): boolean {
  return (overrides?.['accuracies.confidence'] ?? 0) > 0
}
