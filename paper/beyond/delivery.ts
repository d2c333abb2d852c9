/** What it saves that a device has its decision already, instead of asking for one with every request. */
import { type Comparison, goalName } from '../experiment.ts'
import { goalsIn, type Learned, learnedIn } from './kinds.ts'
import { distinct, mean, measured } from './measured.ts'
import type { FinishedBeyondRun } from './run.ts'

export const DELIVERY = 'response time of what was learned, by how a decision is come by (ms)'
export const SAVED = 'response time saved by pushing decisions (%)'

export function deliveriesOf(
  runs: readonly FinishedBeyondRun[],
  uniform: () => number,
): Comparison[] {
  const all = learnedIn(runs, 'delivery')
  const cells = distinct(all.map(({ fleet }) => fleet)).flatMap((fleet) =>
    goalsIn(all).map((goal) => ({
      cell: { scenario: fleet, goal: goalName(goal) },
      own: all.filter((run) => run.fleet === fleet && run.goal === goal),
    })),
  )
  const of = (own: readonly Learned[], decisions: string) =>
    own.filter((run) => run.decisions === decisions)
  const lasts = (own: readonly Learned[]) => own.map(({ outcome }) => outcome.lastMs)
  return [
    ...['consulted', 'pushed'].flatMap((decisions) =>
      cells.flatMap(({ cell, own }) => {
        const values = of(own, decisions)
        const optimum = values[0]?.outcome.optimumMs.toFixed(1)
        const note = `optimum ${optimum}`
        const labelled = { measure: DELIVERY, cell: { decisions, ...cell }, note }
        return measured(labelled, [lasts(values)], mean, uniform)
      }),
    ),
    ...cells.flatMap(({ cell, own }) => {
      const [asked, pushed] = [of(own, 'consulted'), of(own, 'pushed')]
      const saved = pushed.flatMap((run) => {
        const other = asked.find(({ seed }) => seed === run.seed)
        return other ? [100 * (1 - run.outcome.lastMs / other.outcome.lastMs)] : []
      })
      const [before, after] = [asked[0]?.outcome.optimumMs, pushed[0]?.outcome.optimumMs]
      const best = before && after ? 100 * (1 - after / before) : 0
      const note = `between the optima ${best.toFixed(1)}`
      return measured({ measure: SAVED, cell, note }, [saved], mean, uniform)
    }),
  ]
}
