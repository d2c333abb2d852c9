/** A picture of many intervals on one logarithmic axis: a line for every learner, a panel for every cell of the paper's table. */
import * as Plot from '@observablehq/plot'
import { svgOf } from '../src/report/chart.ts'
import { COLOURS, colourOf } from './colours.ts'
import type { Chart, Comparison } from './report.ts'
import { distinct } from './runs.ts'

/** What is drawn of comparisons. */
export interface Forest extends Omit<Chart, 'svg'> {
  readonly title: string
  /** Names of the comparisons' cells: what makes a row of panels, a column of panels, and a line. */
  readonly row: string
  readonly column: string
  readonly line: string
  readonly axisLabel: string
}

const LINE_HEIGHT = 17
const PANEL_GAP = 24

/** What a row or a column is called, by its name: `5` → `5 users`. Others by their value alone. */
const LABELS: Readonly<Record<string, (value: string) => string>> = {
  users: (users) => `${users} users`,
  goal: (goal) => `goal ${goal}`,
  scenario: (scenario) => `scenario ${scenario}`,
  within: (within) => `within ${within}`,
  rounds: (rounds) => `${rounds} rounds`,
  profile: (profile) => `profile: ${profile}`,
  decisions: (decisions) => decisions.replace('second half', 'late'),
}

/** None of no comparisons. @param comparisons where ours is null it lies beyond the right end: an arrow there */
export function forestOf(comparisons: readonly Comparison[], forest: Forest): Chart[] {
  if (comparisons.length === 0) return []
  const { name, caption, title, row, column, line, axisLabel } = forest
  const labelled = (of: string, value = '') => LABELS[of]?.(value) ?? value
  const known = comparisons.flatMap(({ paper, ours, low, high }) =>
    [paper, ours, low, high].filter((value) => value !== null && value > 0),
  ) as number[]
  const domain = [Math.min(...known) / 1.3, Math.max(...known) * 1.6] as const
  const points = comparisons.map(({ cell, paper, ours, low, high }) => ({
    row: labelled(row, cell[row]),
    column: labelled(column, cell[column]),
    line: cell[line] ?? '',
    colour: colourOf(cell[line] ?? ''),
    paper,
    ours,
    low: Math.max(domain[0], low ?? domain[1]),
    high: high ?? domain[1],
    end: domain[1],
  }))
  const [rows = [], columns = [], lines = []] = (['row', 'column', 'line'] as const).map((of) =>
    distinct(points.map((point) => point[of])),
  )
  const place = { fx: 'column', fy: 'row', y: 'line' }
  const svg = svgOf(title, {
    width: 1200,
    height: rows.length * (lines.length * LINE_HEIGHT + PANEL_GAP) + 90,
    marginLeft: 18 + 6.4 * Math.max(...lines.map((name) => name.length)),
    marginRight: 16 + 6.4 * Math.max(...rows.map((name) => name.length)),
    marginTop: 30,
    marginBottom: 46,
    fx: { label: null, domain: columns, padding: 0.06 },
    fy: { label: null, domain: rows, padding: 0.06 },
    x: { label: axisLabel, type: 'log', domain, grid: true, ticks: 4, tickFormat: shortened },
    y: { label: null, domain: lines, tickSize: 0 },
    marks: [
      Plot.frame({ stroke: '#d1d5db' }),
      Plot.ruleY(points, { ...place, x1: 'low', x2: 'high', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(points, { ...place, x: 'paper', stroke: COLOURS.paper, symbol: 'times', r: 4 }),
      Plot.dot(
        points.filter(({ ours }) => ours !== null),
        { ...place, x: 'ours', fill: 'colour', r: 3.5 },
      ),
      Plot.text(
        points.filter(({ ours }) => ours === null),
        { ...place, x: 'end', text: () => '▸', fill: 'colour', textAnchor: 'end', fontSize: 14 },
      ),
    ],
  })
  return [{ name, caption, svg }]
}

/** `1k`, `100k`, `1M`: whole numbers would run into each other. */
function shortened(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1e3 ? `${value / 1e3}k` : String(value)
}

/** With nothing below the least value: a logarithmic axis has no zero. */
export function atLeast(points: readonly Comparison[], least: number): Comparison[] {
  const bounded = (value: number | null) => (value === null ? null : Math.max(least, value))
  return points.map((each) => ({
    ...each,
    ours: bounded(each.ours),
    low: bounded(each.low),
    high: bounded(each.high),
  }))
}
