/** What it saves that a device has its decision already, instead of asking for one with every request. */
import { mean } from 'simple-statistics'
import { compareAll } from '../comparison.ts'
import { goalName, goalsIn } from '../goals.ts'
import type { Comparison } from '../report.ts'
import { runsWith, valuesOf } from '../runs.ts'
import { type BeyondRun, learnedIn } from './kinds.ts'

export const DELIVERY = 'response time of what was learned, by how a decision is come by (ms)'
export const SAVED = 'response time saved by pushing decisions (%)'

export function deliveriesOf(runs: readonly BeyondRun[], uniform: () => number): Comparison[] {
  const all = learnedIn(runs, 'delivery')
  const cells = valuesOf(all, 'fleet').flatMap((fleet) =>
    goalsIn(all).map((goal) => {
      const own = runsWith(all, { fleet, goal })
      return {
        cell: { scenario: fleet, goal: goalName(goal) },
        consulted: runsWith(own, { decisions: 'consulted' }),
        pushed: runsWith(own, { decisions: 'pushed' }),
      }
    }),
  )
  return [
    ...(['consulted', 'pushed'] as const).flatMap((decisions) =>
      cells.flatMap(({ cell, [decisions]: own }) => {
        const note = `optimum ${own[0]?.result.optimumMs.toFixed(1)}`
        const compared = { measure: DELIVERY, cell: { decisions, ...cell }, note }
        return compareAll(compared, [own.map(({ result }) => result.lastMs)], mean, uniform)
      }),
    ),
    ...cells.flatMap(({ cell, consulted, pushed }) => {
      const saved = pushed.flatMap(({ settings: { seed }, result }) =>
        runsWith(consulted, { seed }).map(
          (asked) => 100 * (1 - result.lastMs / asked.result.lastMs),
        ),
      )
      const [before, after] = [consulted[0]?.result.optimumMs, pushed[0]?.result.optimumMs]
      const best = before && after ? 100 * (1 - after / before) : 0
      const note = `between the optima ${best.toFixed(1)}`
      return compareAll({ measure: SAVED, cell, note }, [saved], mean, uniform)
    }),
  ]
}
