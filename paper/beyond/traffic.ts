/** How near to the best decision an agent comes where every device has its own pace. */
import { type Comparison, goalName } from '../experiment.ts'
import { interquartileMean, percentile } from '../statistics.ts'
import { goalsIn, responsesOf, type Trafficked } from './kinds.ts'
import { distinct, measured } from './measured.ts'
import type { FinishedBeyondRun } from './run.ts'

export const TRAFFIC_LAST = 'traffic without rounds: last greedy decision above the best found (%)'
export const TRAFFIC_TENTHS = 'traffic without rounds: response time above the best found (%)'

/** Of the tenths of the time. */
const TENTHS = [
  ['first tenth', 0],
  ['second tenth', 1],
  ['last tenth', 9],
] as const

export function trafficOf(runs: readonly FinishedBeyondRun[], uniform: () => number): Comparison[] {
  const all = runs.flatMap((run) => (run.part === 'traffic' ? [run] : []))
  const cells = distinct(all.map(responsesOf)).flatMap((responses) =>
    (['answers', 'rounds'] as const).map((hears) => ({
      cell: { responses, 'the agent hears of': hears },
      own: all.filter((run) => run.hears === hears && responsesOf(run) === responses),
    })),
  )
  return [
    ...cells.flatMap(({ cell, own }) =>
      goalsIn(own).flatMap((goal) => {
        const values = own.filter((run) => run.goal === goal).map(aboveAtLast)
        const note = `p95 ${percentile(values, 0.95).toFixed(1)}`
        const of = { measure: TRAFFIC_LAST, cell: { ...cell, goal: goalName(goal) }, note }
        return measured(of, [values], interquartileMean, uniform)
      }),
    ),
    ...cells.flatMap(({ cell, own }) =>
      TENTHS.flatMap(([during, index]) => {
        const values = own.flatMap((run) => aboveIn(run, index))
        const of = { measure: TRAFFIC_TENTHS, cell: { ...cell, during } }
        return measured(of, [values], interquartileMean, uniform)
      }),
    ),
  ]
}

function aboveAtLast({ outcome }: Trafficked): number {
  return 100 * (outcome.lastMs / outcome.bestMs - 1)
}

/** Slow responses have their share of it: the best is without. */
function aboveIn({ outcome }: Trafficked, tenth: number): number[] {
  const averageMs = outcome.averagesMs[tenth]
  return typeof averageMs === 'number' ? [100 * (averageMs / outcome.bestMs - 1)] : []
}
