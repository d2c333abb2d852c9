/** Pictures of the Online Learning experiment. */
import * as Plot from '@observablehq/plot'
import { svgOf } from '../../src/report/chart.ts'
import { COLOURS, colourOf } from '../colours.ts'
import { forestOf } from '../forest.ts'
import type { Chart, Comparison } from '../report.ts'
import { distinct } from '../runs.ts'
import { STRATEGIES } from './sweep.ts'

const STRATEGY_COLOURS: Readonly<Record<keyof typeof STRATEGIES, string>> = {
  'device only': COLOURS.paper,
  'edge only': COLOURS.bandit,
  'cloud only': COLOURS['q-learning'],
  'offloading alone': COLOURS.dqn,
  'models and places, 89 %': COLOURS.hybrid,
}

const TICKS_MS = [250, 350, 500, 700, 1000, 1400]

/** @param users cells: scenario, strategy, users */
export function usersChart(users: readonly Comparison[]): Chart {
  const points = users.flatMap(({ cell, ours }) => {
    const strategy = Object.keys(STRATEGIES).find((name) => cell['strategy']?.startsWith(name))
    return {
      scenario: `scenario ${cell['scenario']}`,
      strategy,
      isKnown: cell['strategy'] === strategy,
      users: Number(cell['users']),
      ours,
      colour: STRATEGY_COLOURS[strategy as keyof typeof STRATEGIES],
    }
  })
  const known = points.filter(({ isKnown }) => isKnown)
  const scenarios = distinct(points.map(({ scenario }) => scenario))
  const place = { fx: 'scenario', x: 'users', y: 'ours' }
  return {
    name: 'users',
    caption:
      'Average response time in ms by number of users, on a logarithmic axis. All but the best models and places at 89 % serve every request by d0. Circles: learned by q-learning and dqn, in scenario A.',
    svg: svgOf('Average response time by number of users', {
      width: 200 + 260 * scenarios.length,
      height: 360,
      marginLeft: 48,
      marginRight: 180,
      marginBottom: 42,
      fx: { label: null, domain: scenarios, padding: 0.08 },
      x: { label: 'users', ticks: [1, 2, 3, 4, 5], tickFormat: 'd', inset: 10 },
      y: { label: 'ms', type: 'log', grid: true, ticks: TICKS_MS, tickFormat: ',' },
      marks: [
        Plot.frame({ stroke: '#d1d5db' }),
        Plot.lineY(known, { ...place, z: 'strategy', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(known, { ...place, fill: 'colour', r: 2.5 }),
        Plot.dot(
          points.filter(({ isKnown }) => !isKnown),
          { ...place, stroke: 'colour', r: 6 },
        ),
        Plot.text(labelsOf(known.filter(({ scenario }) => scenario === scenarios.at(-1))), {
          ...{ ...place, text: 'strategy', fill: 'colour' },
          ...{ textAnchor: 'start', dx: 18, fontWeight: 600 },
        }),
      ],
    }),
  }
}

/** Next to the last of its points, each line's name: so far apart, as a share, that they can be read. */
function labelsOf<Point extends { readonly users: number; readonly ours: number | null }>(
  points: readonly Point[],
) {
  const most = Math.max(...points.map(({ users }) => users))
  const ends = points.filter(({ users }) => users === most)
  let belowMs = 0
  return ends
    .toSorted((a, b) => (a.ours ?? 0) - (b.ours ?? 0))
    .map((end) => {
      belowMs = Math.max(end.ours ?? 0, 1.08 * belowMs)
      return { ...end, ours: belowMs }
    })
}

/** @param reductions cells: learner, scenario */
export function reductionsChart(reductions: readonly Comparison[]): Chart {
  const points = reductions.map((each) => {
    const { scenario, learner = '' } = each.cell
    return { ...each, scenario: `scenario ${scenario}`, learner, colour: colourOf(learner) }
  })
  const place = { fx: 'scenario', y: 'learner' }
  return {
    name: 'reductions',
    caption:
      'Average response time saved by choosing models at 89 %, against the best offloading alone, in percent, five users. Dots with bars: ours, median and 95 % interval. Crosses: the HL paper, Table V. Dashed: the 35 % of the abstract.',
    svg: svgOf('Average response time saved by choosing models', {
      width: 1000,
      height: 190,
      marginLeft: 140,
      marginBottom: 42,
      fx: { label: null, padding: 0.1 },
      x: { label: '% saved', domain: [0, 45], grid: true, ticks: 5 },
      y: { label: null, domain: distinct(points.map(({ learner }) => learner)) },
      marks: [
        Plot.ruleX([35], { stroke: COLOURS.paper, strokeDasharray: '4 3' }),
        Plot.ruleY(points, { ...place, x1: 'low', x2: 'high', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(points, { ...place, x: 'paper', stroke: COLOURS.paper, symbol: 'times', r: 5 }),
        Plot.dot(points, { ...place, x: 'ours', fill: 'colour', r: 4 }),
      ],
    }),
  }
}

/** None without warm starts. */
export function warmStartChart(steps: readonly Comparison[]): Chart[] {
  const atGoal = steps.map((each) => ({ ...each, cell: { ...each.cell, goal: '89 %' } }))
  return forestOf(atGoal, {
    name: 'warm-starts',
    caption:
      'Real steps to convergence at 89 %, five users, scenario A, from nothing and from what was learned of another goal or of four users: median and 95 % interval; an arrow at the right end means that half of the runs or more do not converge.',
    title: 'Real steps to convergence from a warm start',
    ...{ row: 'start', column: 'goal', line: 'learner', axisLabel: 'real steps' },
  })
}
