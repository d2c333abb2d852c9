/** A picture of many intervals on one logarithmic axis: a line for every learner, a panel for every cell of the paper's table. */
import * as Plot from '@observablehq/plot'
import { svgOf } from '../src/report/chart.ts'
import { COLOURS, colourOf } from './colours.ts'
import type { Comparison } from './report.ts'
import { distinct } from './runs.ts'

export interface ForestOptions {
  readonly title: string
  /** Names of the comparisons' cells: what makes a row of panels, a column of panels, and a line. */
  readonly row: string
  readonly column: string
  readonly line: string
  /** What a row or a column is called: `5` → `5 users`. By default its value. */
  readonly rowLabel?: (value: string) => string
  readonly columnLabel?: (value: string) => string
  readonly axisLabel: string
}

const LINE_HEIGHT = 17
const PANEL_GAP = 24

/** @param comparisons where ours is null it lies beyond the right end: an arrow there */
export function forestOf(comparisons: readonly Comparison[], options: ForestOptions): string {
  const { title, row, column, line, rowLabel = same, columnLabel = same, axisLabel } = options
  const known = comparisons.flatMap(({ paper, ours, low, high }) =>
    [paper, ours, low, high].filter((value) => value !== null && value > 0),
  ) as number[]
  const domain = [Math.min(...known) / 1.3, Math.max(...known) * 1.6] as const
  const points = comparisons.map(({ cell, paper, ours, low, high }) => ({
    row: rowLabel(cell[row] ?? ''),
    column: columnLabel(cell[column] ?? ''),
    line: cell[line] ?? '',
    colour: colourOf(cell[line] ?? ''),
    paper,
    ours,
    low: Math.max(domain[0], low ?? domain[1]),
    high: high ?? domain[1],
    end: domain[1],
  }))
  const [rows, columns, lines] = [
    distinct(points.map((point) => point.row)),
    distinct(points.map((point) => point.column)),
    distinct(points.map((point) => point.line)),
  ]
  const place = { fx: 'column', fy: 'row', y: 'line' }
  return svgOf(title, {
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
    color: { type: 'identity' },
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
}

/** `1k`, `100k`, `1M`: whole numbers would run into each other. */
function shortened(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1e3 ? `${value / 1e3}k` : String(value)
}

function same(value: string): string {
  return value
}
