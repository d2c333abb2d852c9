/** Table V: is the learned decision the optimum, by value, and does it take as long as the paper measured? */
import { readFileSync } from 'node:fs'
import * as Plot from '@observablehq/plot'
import type { Scenario } from '../../src/fleet/scenarios.ts'
import { shareInterval } from '../../src/fleet/share-interval.ts'
import { svgOf } from '../../src/report/chart.ts'
import { COLOURS } from '../colours.ts'
import { compare, type Estimate, medianOf } from '../comparison.ts'
import { goalName } from '../goals.ts'
import type { Cell, Chart, Comparison, Report } from '../report.ts'
import { distinct, runsWith } from '../runs.ts'
import { median } from '../statistics.ts'
import { gapPercent, isOptimal, stepCounts, type Training } from '../trainings.ts'
import { claimsOf, MOST_STEPS } from './claims.ts'

interface Row {
  readonly scenario: Scenario
  readonly goal: number
  readonly responseTimeMs: number
  readonly accuracyPercent: number
}

const expected: {
  readonly corrections: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
} = JSON.parse(readFileSync(new URL('./expected.json', import.meta.url), 'utf8'))

/** Of the report. */
export const title = 'Table V: the learned decision in every scenario and at every goal, five users'

const TIME = 'average response time of the learned decision (ms)'
const OPTIMAL = 'learned decisions that are optimal by value (% of the seeds)'
const STEPS = 'real steps to convergence'

const METHOD = [
  'Hybrid learning in the exact regime, five users, simulated fleet. The decision is the greedy one at the end of the run; its response time is free of noise.',
  'Optimal by value: the decision meets the goal, and its response time is at most 1 % above that of the brute-force optimum (several decisions tie).',
  'Response times: median over the seeds with its 95 % bootstrap interval; reproduced: within 5 % of the paper (12 ms for B-Max, the worst row of the simulator’s fit to this very table, so agreement says that the decision is right, not that the simulator predicts).',
  'Shares: 95 % Wilson interval; reproduced: optimal with every seed, as in the paper.',
  'Steps: by the rule of Table VI, whose scenario the paper does not name; median with its 95 % bootstrap interval, ∞ for a run that does not converge.',
]

/** Shares, times and steps, cell by cell of the table. */
export function analyse(runs: readonly Training[], uniform: () => number): Report {
  const cells = expected.rows.flatMap((row) => {
    const own = runsWith(runs, { scenario: row.scenario, goal: row.goal })
    const cell = { scenario: row.scenario, goal: goalName(row.goal) }
    return own.length > 0 ? [{ row, cell, runs: own }] : []
  })
  const optimal = runs.filter(isOptimal).length
  const times = compare(cells.flatMap(timeOf), uniform).map(judgedByTolerance)
  const reproduced = times.filter(({ verdict }) => verdict === 'reproduced').length
  return {
    method: METHOD,
    summary: `The learned decision is optimal by value in ${optimal} of ${runs.length} runs (${cells.length} of the table’s 20 cells). Its response time agrees with the paper’s in ${reproduced} of ${cells.length} cells.`,
    claims: claimsOf(runs),
    comparisons: [...cells.map(shareOf), ...times, ...compare(cells.flatMap(stepsOf), uniform)],
    charts: [chartOf(times)],
  }
}

/** A row of the table, and our runs of it. */
interface Own {
  readonly row: Row
  readonly cell: Cell
  readonly runs: readonly Training[]
}

function shareOf({ cell, runs }: Own): Comparison {
  const optimal = runs.filter(isOptimal).length
  const { low, high } = shareInterval(optimal, runs.length)
  return {
    measure: OPTIMAL,
    cell,
    paper: 100,
    ours: (100 * optimal) / runs.length,
    low: 100 * low,
    high: 100 * high,
    verdict: optimal === runs.length ? 'reproduced' : 'worse',
    note: `${optimal} of ${runs.length} seeds; at most ${Math.max(0, ...runs.map(gapPercent)).toFixed(2)} % above the optimum`,
  }
}

function timeOf({ row, cell, runs }: Own): Estimate[] {
  const correction = expected.corrections[`${row.scenario}-${goalName(row.goal)}`.replace(' %', '')]
  const accuracy = median(runs.map(({ result }) => result.accuracyPercent))
  const note = `accuracy ${accuracy.toFixed(2)} % (paper ${row.accuracyPercent.toFixed(2)} %)${correction ? `; the paper’s row: ${correction}` : ''}`
  const compared = { measure: TIME, cell, paper: row.responseTimeMs, note }
  return medianOf(
    compared,
    runs.map(({ result }) => result.responseTimeMs),
  )
}

/** See the method: the simulator is fitted to this very table. */
function judgedByTolerance(time: Comparison): Comparison {
  const { cell, ours, paper } = time
  const [oursMs, paperMs] = [ours ?? 0, paper ?? 0]
  const isWorstFit = cell['scenario'] === 'B' && cell['goal'] === 'Max'
  const isNear = Math.abs(oursMs - paperMs) <= (isWorstFit ? 12 : 0.05 * paperMs)
  return { ...time, verdict: isNear ? 'reproduced' : oursMs < paperMs ? 'better' : 'worse' }
}

function stepsOf({ cell, runs }: Own): Estimate[] {
  const counts = stepCounts(runs)
  const quick = counts.filter((count) => count <= MOST_STEPS).length
  const note = `${quick} of ${runs.length} within ${MOST_STEPS}`
  return medianOf({ measure: STEPS, cell, note }, counts)
}

function chartOf(times: readonly Comparison[]): Chart {
  const points = times.map(({ cell, paper, ours }) => ({ ...cell, paper, ours }))
  const place = { fx: 'scenario', x: 'goal' }
  const valuesOf = (name: string) => distinct(times.map(({ cell }) => cell[name]))
  const svg = svgOf(title, {
    width: 840,
    height: 340,
    marginLeft: 52,
    marginBottom: 44,
    insetTop: 16,
    fx: { label: 'scenario', domain: valuesOf('scenario') },
    x: { label: 'goal', domain: valuesOf('goal'), type: 'point', padding: 0.6 },
    y: { label: null, grid: true, zero: true },
    marks: [
      Plot.ruleY([0]),
      Plot.dot(points, { ...place, y: 'paper', r: 6, stroke: COLOURS.paper, strokeWidth: 2 }),
      Plot.dot(points, { ...place, y: 'ours', r: 3, fill: COLOURS.hybrid }),
    ],
  })
  return {
    name: 'response-times',
    caption:
      'Average response time of the decision in ms, by scenario and goal. Grey circles: the paper. Green dots: ours, median over the seeds.',
    svg,
  }
}
