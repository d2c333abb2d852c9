/** Whether the goal holds where accuracies are only measured, and what that costs. */
import { mean, sum } from 'simple-statistics'
import { type Estimate, estimate } from '../comparison.ts'
import { goalName, goalsIn } from '../goals.ts'
import { runsWith } from '../runs.ts'
import { type BeyondRun, type Learned, learnedIn } from './kinds.ts'
import { MEASURES } from './measures.ts'
import { CONFIDENCE } from './sweep.ts'

/** The agent that wants the goal to hold with a confidence. */
export const CAREFUL = `goal held with ${100 * CONFIDENCE} % confidence`
const TRUSTING = 'what was measured taken for true'

/** What is broken and what it costs, by agent and goal. */
export function accuraciesOf(runs: readonly BeyondRun[]): Estimate[] {
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
      return estimate({ measure: MEASURES.broken, cell, note }, [broken], mean)
    }),
    ...cells.flatMap(({ cell, own }) => {
      const extra = own.map(({ result }) => result.extraPercent.all)
      return estimate({ measure: MEASURES.price, cell }, [extra], mean)
    }),
  ]
}

function isCareful({ settings: { overrides } }: Learned): boolean {
  return (overrides?.['accuracies.confidence'] ?? 0) > 0
}
