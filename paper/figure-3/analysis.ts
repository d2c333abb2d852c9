/** Figure 3: how near the optimum is the greedy decision after so many real steps? */
import * as Plot from '@observablehq/plot'
import { PENALTY_MS, type Regime } from '../../src/learning/agents/regime.ts'
import { svgOf } from '../../src/report/chart.ts'
import { colourOf } from '../colours.ts'
import { goalName } from '../goals.ts'
import { type Learner, learnersOf, runsOf } from '../learners.ts'
import type { Chart, Comparison, Report } from '../report.ts'
import { distinct, grouped, runsBy } from '../runs.ts'
import { bootstrap, interquartileMean } from '../statistics.ts'
import type { Training } from '../trainings.ts'
import { arrivalsOf, type Curve, claimsOf } from './claims.ts'

/** Of the report. */
export const title = 'Figure 3: training curves, one to five users, scenario A'

const METHOD = [
  'Simulated fleet, scenario A. At every step recorded, the noise-free average response time of the greedy decision then in force, divided by that of the brute-force optimum: 1 is optimal. A decision that breaks the goal counts with the penalty of 600 ms. The paper draws the same against real steps, but its figure has no numbers to compare with.',
  'Lines: interquartile mean over the seeds; bands: its 95 % bootstrap interval, step by step. Runs go on after convergence.',
  'Hybrid’s first five steps are random; dqn makes one update per real step, from step 30 on.',
]

/** Curves by panel and learner, with values after 10, 100 and 1,000 steps. */
export function analyse(runs: readonly Training[], uniform: () => number): Report {
  const curves = runsBy(runs, 'users', 'goal').flatMap(([place, own]) =>
    learnersOf(own).map((learner) => curveOf(learner, place, runsOf(own, learner), uniform)),
  )
  return {
    method: METHOD,
    summary: summaryOf(curves),
    claims: claimsOf(curves),
    comparisons: [10, 100, 1000].flatMap((step) => afterSteps(curves, step)),
    charts: grouped(curves, ({ learner }) => learner.regime).map(([regime, own]) =>
      chartOf(own, regime),
    ),
  }
}

function curveOf(
  learner: Learner,
  place: Pick<Curve, 'users' | 'goal'>,
  runs: readonly Training[],
  uniform: () => number,
): Curve {
  const points = (runs[0]?.settings.curveSteps ?? []).map((step, index) => {
    const ratios = runs.map(
      ({ result }) => (result.curveMs?.[index] ?? PENALTY_MS) / result.oracleResponseTimeMs,
    )
    const band = bootstrap([ratios], ([group = []]) => interquartileMean(group), uniform)
    return { step, ours: interquartileMean(ratios), ...band }
  })
  return { ...place, learner, points }
}

function afterSteps(curves: readonly Curve[], after: number): Comparison[] {
  const measure = `response time of the greedy decision after ${after.toLocaleString('en')} real steps (times the optimum)`
  return curves.flatMap(({ users, goal, learner, points }) => {
    const cell = { users: String(users), learner: learner.name, goal: goalName(goal) }
    return points.flatMap(({ step, ...numbers }) =>
      step === after
        ? { measure, cell, paper: null, ...numbers, verdict: 'not in the paper', note: '' }
        : [],
    )
  })
}

function summaryOf(curves: readonly Curve[]): string {
  const parts = arrivalsOf(curves).map(([learner, steps]) => {
    const arrived = steps.filter(Number.isFinite)
    const latest = arrived.length > 0 ? `, the last after ${Math.max(...arrived)} steps` : ''
    return `${learner} in ${arrived.length} of ${steps.length} panels${latest}`
  })
  return `Within 5 % of the optimum for good: ${parts.join('; ')}.`
}

interface Drawn {
  readonly column: string
  readonly row: string
  readonly agent: string
  readonly ours: number
}

/** The first panel names its lines where each has fallen half the way: the first to fall at its left, the others at their right. */
function labelsOf<Point extends Drawn>(drawn: readonly Point[]) {
  const panel = drawn.filter(
    ({ row, column }) => row === drawn[0]?.row && column === drawn[0]?.column,
  )
  const fallen = grouped(panel, ({ agent }) => agent).flatMap(([, own]) => {
    const half = Math.sqrt(own[0]?.ours ?? 1)
    const place = own.findIndex(({ ours }) => ours <= half)
    const point = own[place]
    return point ? [{ point, place }] : []
  })
  return fallen
    .toSorted((a, b) => a.place - b.place)
    .map(({ point }, index) => ({ point, side: index === 0 ? 'left' : 'right' }))
}

function chartOf(curves: readonly Curve[], regime: Regime): Chart {
  const drawn = curves.flatMap(({ users, goal, learner, points }) =>
    points.map((point) => ({
      ...point,
      column: `${users} ${users === 1 ? 'user' : 'users'}`,
      row: `goal ${goalName(goal)}`,
      agent: learner.agent,
      colour: colourOf(learner.agent),
    })),
  )
  const place = { fx: 'column', fy: 'row', x: 'step', z: 'agent' }
  const rows = distinct(drawn.map(({ row }) => row))
  const columns = distinct(drawn.map(({ column }) => column))
  const name = `Training curves, ${regime} regime: response time of the greedy decision over the optimum’s`
  const svg = svgOf(name, {
    width: Math.max(480, 40 + 220 * columns.length),
    height: 90 + 130 * rows.length,
    marginLeft: 44,
    marginRight: 74,
    marginTop: 30,
    marginBottom: 42,
    fx: { label: null, domain: columns, padding: 0.08 },
    fy: { label: null, domain: rows, padding: 0.12 },
    x: {
      label: 'real steps',
      type: 'log',
      grid: true,
      tickFormat: ',',
      ticks: [1, 10, 100, 1000].filter((step) => drawn.some((point) => point.step >= step)),
    },
    y: {
      label: null,
      type: 'log',
      grid: true,
      tickFormat: '~g',
      ticks: [1, 1.5, 2, 3, 5, 8].filter((ratio) => drawn.some(({ high }) => high >= ratio)),
    },
    marks: [
      Plot.frame({ stroke: '#d1d5db' }),
      Plot.areaY(drawn, { ...place, y1: 'low', y2: 'high', fill: 'colour', fillOpacity: 0.2 }),
      Plot.lineY(drawn, { ...place, y: 'ours', stroke: 'colour', strokeWidth: 1.8 }),
      ...labelsOf(drawn).map(({ point, side }) =>
        Plot.text([point], {
          ...{ ...place, y: 'ours', text: 'agent', fill: 'colour', fontWeight: 600 },
          ...{ stroke: 'white', strokeWidth: 3 },
          ...{ textAnchor: side === 'left' ? 'end' : 'start', dx: side === 'left' ? -6 : 6 },
        }),
      ),
    ],
  })
  return {
    name: `curves-${regime}`,
    caption: `The ${regime} regime: noise-free response time of the greedy decision over the optimum’s, by real steps, both axes logarithmic. Line: interquartile mean over the seeds, band: its 95 % interval.`,
    svg,
  }
}
