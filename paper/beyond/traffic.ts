/** How near to the best decision an agent comes where every device has its own pace. */
import { compareAll } from '../comparison.ts'
import { goalName, goalsIn } from '../goals.ts'
import type { Comparison } from '../report.ts'
import { distinct, runsWith } from '../runs.ts'
import { interquartileMean, percentile } from '../statistics.ts'
import { type BeyondRun, responsesOf, runsOf, type Trafficked } from './kinds.ts'

export const TRAFFIC_LAST = 'traffic without rounds: last greedy decision above the best found (%)'
export const TRAFFIC_TENTHS = 'traffic without rounds: response time above the best found (%)'

/** Of the tenths of the time. */
const TENTHS = [
  ['first tenth', 0],
  ['second tenth', 1],
  ['last tenth', 9],
] as const

export function trafficOf(runs: readonly BeyondRun[], uniform: () => number): Comparison[] {
  const all = runsOf(runs, 'traffic')
  const cells = distinct(all.map(responsesOf)).flatMap((responses) =>
    (['answers', 'rounds'] as const).map((hears) => ({
      cell: { responses, 'the agent hears of': hears },
      own: runsWith(all, { hears }).filter((run) => responsesOf(run) === responses),
    })),
  )
  return [
    ...cells.flatMap(({ cell, own }) =>
      goalsIn(own).flatMap((goal) => {
        const values = runsWith(own, { goal }).map(({ result }) =>
          above(result.lastMs, result.bestMs),
        )
        const note = `p95 ${percentile(values, 0.95).toFixed(1)}`
        const compared = { measure: TRAFFIC_LAST, cell: { ...cell, goal: goalName(goal) }, note }
        return compareAll(compared, [values], interquartileMean, uniform)
      }),
    ),
    ...cells.flatMap(({ cell, own }) =>
      TENTHS.flatMap(([during, tenth]) => {
        const values = own.flatMap((run) => aboveIn(run, tenth))
        const compared = { measure: TRAFFIC_TENTHS, cell: { ...cell, during } }
        return compareAll(compared, [values], interquartileMean, uniform)
      }),
    ),
  ]
}

/** Slow responses have their share of it: the best is without. */
function aboveIn({ result }: Trafficked, tenth: number): number[] {
  const averageMs = result.averagesMs[tenth]
  return typeof averageMs === 'number' ? [above(averageMs, result.bestMs)] : []
}

/** Percent. */
function above(ms: number, bestMs: number): number {
  return 100 * (ms / bestMs - 1)
}
