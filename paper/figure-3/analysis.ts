/** Figure 3: how near the optimum is the greedy decision after so many real steps? */
import * as Plot from '@observablehq/plot'
import { COLOURS, svgOf } from '../../src/report/chart.ts'
import {
  type Chart,
  type Claim,
  type Comparison,
  type FinishedRun,
  GOALS,
  goalName,
  type Regime,
  type Report,
} from '../experiment.ts'
import { type Learner, learnersOf, runsOf } from '../learners.ts'
import { bootstrap, interquartileMean } from '../statistics.ts'

export const title = 'Figure 3: training curves, one to five users, scenario A'

/** What a decision that breaks the goal is charged in the penalty regime, ms. */
const PENALTY_MS = 600

const METHOD = [
  'Simulated fleet, scenario A. At every step recorded, the noise-free average response time of the greedy decision then in force, divided by that of the brute-force optimum: 1 is optimal. A decision that breaks the goal counts with the penalty of 600 ms. The paper draws the same against real steps, but its figure has no numbers to compare with.',
  'Lines: interquartile mean over the seeds; bands: its 95 % bootstrap interval, step by step. Runs go on after convergence. The penalty regime has five seeds.',
  'Hybrid’s first 30 steps are random; dqn makes one update per real step, from step 30 on.',
]

/** One learner in one panel at one step. */
interface Point {
  readonly users: number
  readonly goal: number
  readonly learner: string
  readonly agent: string
  readonly regime: Regime
  readonly step: number
  /** Times the optimum. */
  readonly ours: number
  readonly low: number
  readonly high: number
}

export function analyse(runs: readonly FinishedRun[], uniform: () => number): Report {
  const users = [...new Set(runs.map((run) => run.users))]
  const goals = Object.values(GOALS).filter((goal) => runs.some((run) => run.goal === goal))
  const points = users.flatMap((count) =>
    goals.flatMap((goal) => {
      const panel = runs.filter((run) => run.users === count && run.goal === goal)
      return learnersOf(panel).flatMap((learner) =>
        curveOf(learner, runsOf(panel, learner), uniform),
      )
    }),
  )
  const regimes = [...new Set(points.map(({ regime }) => regime))]
  return {
    title,
    method: METHOD,
    summary: summaryOf(points),
    claims: claimsOf(points),
    comparisons: [10, 100, 1000].flatMap((step) => afterSteps(points, step)),
    charts: regimes.map((regime) =>
      chartOf(
        points.filter((point) => point.regime === regime),
        regime,
      ),
    ),
  }
}

/** @param runs all of one learner in one panel */
function curveOf(
  { name, agent, regime }: Learner,
  runs: readonly FinishedRun[],
  uniform: () => number,
): Point[] {
  const [first] = runs
  return (first?.curveSteps ?? []).map((step, index) => {
    const ratios = runs.map(
      ({ curveMs, oracleResponseTimeMs }) =>
        (curveMs?.[index] ?? PENALTY_MS) / oracleResponseTimeMs,
    )
    const { users = 0, goal = 0 } = first ?? {}
    const band = bootstrap([ratios], ([group = []]) => interquartileMean(group), uniform)
    return {
      users,
      goal,
      learner: name,
      agent,
      regime,
      step,
      ours: interquartileMean(ratios),
      ...band,
    }
  })
}

function afterSteps(points: readonly Point[], step: number): Comparison[] {
  return points
    .filter((point) => point.step === step)
    .map(({ users, goal, learner, ours, low, high }) => ({
      measure: `response time of the greedy decision after ${step.toLocaleString('en')} real steps (times the optimum)`,
      cell: { users: String(users), learner, goal: goalName(goal) },
      paper: null,
      ours,
      low,
      high,
      verdict: 'not in the paper',
      note: '',
    }))
}

/** Where a curve comes within 5 % of the optimum for good; Infinity if it does not. */
function arrivalOf(curve: readonly Point[]): number {
  const last = curve.findLastIndex(({ ours }) => ours > 1.05)
  return curve[last + 1]?.step ?? Number.POSITIVE_INFINITY
}

/** Learner by learner, the arrival of every panel. */
function arrivalsOf(points: readonly Point[]): Map<string, number[]> {
  const learners = [...new Set(points.map(({ learner }) => learner))]
  const arrivals = learners.map((learner) => {
    const own = points.filter((point) => point.learner === learner)
    const panels = [...new Set(own.map(panelOf))]
    const steps = panels.map((panel) => arrivalOf(own.filter((point) => panelOf(point) === panel)))
    return [learner, steps] as const
  })
  return new Map(arrivals)
}

function panelOf({ users, goal }: Point): string {
  return `${users} ${goal}`
}

function summaryOf(points: readonly Point[]): string {
  const parts = [...arrivalsOf(points)].map(([learner, steps]) => {
    const arrived = steps.filter(Number.isFinite)
    const latest = arrived.length > 0 ? `, the last after ${Math.max(...arrived)} steps` : ''
    return `${learner} in ${arrived.length} of ${steps.length} panels${latest}`
  })
  return `Within 5 % of the optimum for good: ${parts.join('; ')}.`
}

function claimsOf(points: readonly Point[]): Claim[] {
  return [...arrivalsOf(points)].flatMap(([learner, steps]) => {
    if (!learner.startsWith('hybrid')) return []
    const quick = steps.filter((step) => step <= 600).length
    return {
      claim: `The curve of ${learner} is within 5 % of the optimum for good after 600 real steps, in every panel.`,
      measured: `${quick} of ${steps.length} panels`,
      holds: quick === steps.length,
    }
  })
}

function chartOf(points: readonly Point[], regime: Regime): Chart {
  const drawn = points.map((point) => ({
    ...point,
    column: `${point.users} ${point.users === 1 ? 'user' : 'users'}`,
    row: `goal ${goalName(point.goal)}`,
    colour: COLOURS[point.agent as keyof typeof COLOURS],
  }))
  const place = { fx: 'column', fy: 'row', x: 'step', z: 'agent' }
  const rows = [...new Set(drawn.map(({ row }) => row))]
  const columns = [...new Set(drawn.map(({ column }) => column))]
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
      ticks: [1, 10, 100, 1000].filter((step) => points.some((point) => point.step >= step)),
    },
    y: {
      label: null,
      type: 'log',
      grid: true,
      tickFormat: '~g',
      ticks: [1, 1.5, 2, 3, 5, 8].filter((ratio) => points.some(({ high }) => high >= ratio)),
    },
    color: { type: 'identity' },
    marks: [
      Plot.frame({ stroke: '#d1d5db' }),
      Plot.areaY(drawn, { ...place, y1: 'low', y2: 'high', fill: 'colour', fillOpacity: 0.2 }),
      Plot.lineY(drawn, { ...place, y: 'ours', stroke: 'colour', strokeWidth: 1.8 }),
    ],
  })
  return {
    name: `curves-${regime}`,
    caption: `The ${regime} regime: noise-free response time of the greedy decision over the optimum’s, by real steps, both axes logarithmic. Green: hybrid; orange: dqn. Line: interquartile mean over the seeds, band: its 95 % interval.`,
    svg,
  }
}
