/** Whether the goal holds where accuracies are only measured, and what that costs. */
import { mean, sum } from 'simple-statistics'
import { compareAll } from '../comparison.ts'
import { goalName, goalsIn } from '../goals.ts'
import type { Comparison } from '../report.ts'
import { runsWith } from '../runs.ts'
import { type BeyondRun, type Learned, learnedIn } from './kinds.ts'
import { CONFIDENCE } from './sweep.ts'

export const BROKEN = 'runs that ever break the goal, accuracies measured on 2,000 answers (%)'
export const PRICE = 'response time above the best decision’s by true accuracies (%)'

export const CAREFUL = `goal held with ${100 * CONFIDENCE} % confidence`
const TRUSTING = 'what was measured taken for true'

export function accuraciesOf(runs: readonly BeyondRun[], uniform: () => number): Comparison[] {
  const all = learnedIn(runs, 'accuracies')
  const cells = [CAREFUL, TRUSTING].flatMap((agent) =>
    goalsIn(all).map((goal) => ({
      cell: { agent, goal: goalName(goal) },
      own: runsWith(all, { goal }).filter((run) => isCareful(run) === (agent === CAREFUL)),
    })),
  )
  return [
    ...cells.flatMap(({ cell, own }) => {
      const violations = own.map(({ result }) => result.violations)
      const note = `${sum(violations)} decisions in ${own.length} runs`
      const broken = violations.map((count) => (count > 0 ? 100 : 0))
      return compareAll({ measure: BROKEN, cell, note }, [broken], mean, uniform)
    }),
    ...cells.flatMap(({ cell, own }) => {
      const extra = own.map(({ result }) => result.extraPercent.all)
      return compareAll({ measure: PRICE, cell }, [extra], mean, uniform)
    }),
  ]
}

function isCareful({ settings: { overrides } }: Learned): boolean {
  return (overrides?.['accuracies.confidence'] ?? 0) > 0
}
