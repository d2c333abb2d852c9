/** What policies did over time, as one SVG picture and its parts: load, accuracy, queue, and who answered. */
import * as Plot from '@observablehq/plot'
import type { Ladder } from '../scheduling/ladder.ts'
import type { PolicyOutcome } from '../simulation/node/policy-outcome.ts'
import type { TimelinePoint } from '../simulation/node/timeline.ts'
import { svgOf } from './chart.ts'
import { escaped } from './page.ts'

const WIDTH = 960
const MARGIN_LEFT = 64
const LEGEND_HEIGHT = 24
const LETTER_WIDTH = 7
/** For the names at the ends of lines. */
const MARGIN_RIGHT = 150
/** Of a label at the end of a line. */
export const LABEL_HEIGHT = 13
/** Of the part of a panel that lines are drawn in. */
const PLOT_HEIGHT = 104
/** Told apart by colour-blind readers as far as twelve colours can be. */
const COLOURS = [
  ...['#0f766e', '#b45309', '#2563eb', '#be185d', '#6b7280', '#7c3aed'],
  ...['#65a30d', '#0891b2', '#92400e', '#e11d48', '#1f2937', '#c026d3'],
]
const INK = '#1f2937'
const VIOLATION = '#b91c1c'
const GREENS = ['#99f6e4', '#0f766e']

/** One picture of those that lie above each other. */
export interface Panel {
  readonly height: number
  readonly svg: string
}

/** Lines that can be told apart in one picture. */
export const MOST_LINES = 5

/** One policy, drawn in a colour of its own. */
export interface DrawnPolicy {
  readonly outcome: PolicyOutcome
  readonly colour: string
  /** By what a page shows and hides what is drawn of it. */
  readonly className: string
}

/** Each with its colour. */
export function drawnPolicies(outcomes: readonly PolicyOutcome[]): DrawnPolicy[] {
  return outcomes.map((outcome, index) => ({
    outcome,
    colour: COLOURS[index % COLOURS.length] as string,
    className: `policy-${index}`,
  }))
}

/** The most accurate ones, as many as can be told apart, in their order. */
export function toldApart(drawn: readonly DrawnPolicy[]): DrawnPolicy[] {
  const best = drawn
    .toSorted((a, b) => b.outcome.effectiveAccuracyPercent - a.outcome.effectiveAccuracyPercent)
    .slice(0, MOST_LINES)
  return drawn.filter((each) => best.includes(each))
}

/** Of at most five policies; how many are left out is said. @param title one line over the picture */
export function timelineSvg(
  title: string,
  ladder: Ladder,
  outcomes: readonly PolicyOutcome[],
): string {
  const all = drawnPolicies(outcomes)
  const shown = toldApart(all)
  let top = 28
  const parts = [text(MARGIN_LEFT, 18, title, INK, 'bold')]
  const add = (height: number, part: string) => {
    parts.push(`<g transform="translate(0 ${top})">${part}</g>`)
    top += height
  }
  const legend = (entries: readonly (readonly [string, string])[]) => {
    for (const line of legendLines(entries)) add(LEGEND_HEIGHT, line)
  }
  legend(shown.map(({ outcome, colour }) => [outcome.policy, colour]))
  if (shown.length < all.length) {
    const rest = `${all.length - shown.length} of ${all.length} policies are left out: --policies names others, and a page (.html) has all.`
    add(LEGEND_HEIGHT, text(MARGIN_LEFT, 16, rest, INK))
  }
  for (const { height, svg } of linePanels(shown)) add(height, svg)
  legend(shareColours(ladder))
  for (const each of shown) {
    const { height, svg } = sharePanel(ladder, each, endOf(shown))
    add(height, svg)
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="12"><title>${escaped(title)}</title><rect width="100%" height="100%" fill="white"/>${parts.join('\n')}</svg>\n`
}

/**
 * Load, accuracy and queue, a line for every policy.
 * @param areApart names at the ends of lines are moved from each other; else a page does it, for those that it shows
 */
export function linePanels(drawn: readonly DrawnPolicy[], { areApart = true } = {}): Panel[] {
  const endS = endOf(drawn)
  const lines = (value: (point: TimelinePoint) => number | undefined) =>
    drawn.map(({ outcome, colour, className }) =>
      Plot.line(outcome.timeline, {
        x: seconds,
        y: (point: TimelinePoint) => value(point) ?? Number.NaN,
        stroke: colour,
        strokeWidth: 1.6,
        className,
      }),
    )
  const labels = (value: (point: TimelinePoint) => number | undefined) =>
    endLabels(drawn, value, areApart)
  const arrivals = Plot.areaY(drawn[0]?.outcome.timeline ?? [], {
    x: seconds,
    y: 'arrivalsPerS',
    fill: '#d1d5db',
    curve: 'step-after',
  })
  return [
    panel('requests arriving per second', [arrivals, Plot.ruleY([0])], endS),
    panel(
      'effective accuracy (%): 0 for what is not in time',
      [
        ...lines(({ effectiveAccuracyPercent }) => effectiveAccuracyPercent),
        ...labels(({ effectiveAccuracyPercent }) => effectiveAccuracyPercent),
      ],
      endS,
    ),
    panel(
      'requests waiting or in service',
      [
        ...lines(({ inSystem }) => inSystem),
        ...labels(({ inSystem }) => inSystem),
        Plot.ruleY([0]),
      ],
      endS,
    ),
  ]
}

/** The name of every line at its end. @param areApart moved up where it would be printed over another */
function endLabels(
  drawn: readonly DrawnPolicy[],
  value: (point: TimelinePoint) => number | undefined,
  areApart: boolean,
): Plot.Markish[] {
  const all = drawn.flatMap(({ outcome }) =>
    outcome.timeline.flatMap((point) => value(point) ?? []),
  )
  const apart = ((Math.max(...all) - Math.min(...all)) * LABEL_HEIGHT) / PLOT_HEIGHT
  const ends = drawn.flatMap(({ outcome: { policy, timeline }, colour, className }) => {
    const last = timeline.findLast((point) => value(point) !== undefined)
    if (last === undefined) return []
    return [{ policy, x: seconds(last), y: value(last) ?? 0, colour, className }]
  })
  let freeAbove = Number.NEGATIVE_INFINITY
  return ends
    .sort((a, b) => a.y - b.y)
    .map(({ className, ...end }) => {
      const y = areApart ? Math.max(end.y, freeAbove) : end.y
      freeAbove = y + apart
      const place = { x: 'x', y: 'y', text: 'policy', fill: 'colour', className }
      return Plot.text([{ ...end, y }], { ...place, textAnchor: 'start', dx: 6, clip: false })
    })
}

/** Who answered the requests of each interval, as shares. @param endS of the longest timeline */
export function sharePanel(
  ladder: Ladder,
  { outcome: { policy, timeline } }: DrawnPolicy,
  endS: number,
): Panel {
  const colours = shareColours(ladder)
  const lengthS = stretch(timeline)
  const shares = timeline.flatMap(({ atMs, onTime, violations }) => {
    const counts = [...onTime, violations]
    const total = counts.reduce((sum, count) => sum + count, 0)
    let before = 0
    return counts.map((count, index) => {
      const from = before
      before += total > 0 ? (100 * count) / total : 0
      const colour = colours[index]?.[1]
      return { from, to: before, start: atMs / 1000, end: atMs / 1000 + lengthS, colour }
    })
  })
  const marks = Plot.rect(
    shares.filter(({ from, to }) => to > from),
    { x1: 'start', x2: 'end', y1: 'from', y2: 'to', fill: 'colour', shapeRendering: 'crispEdges' },
  )
  return panel(`answered by (%): ${policy}`, [marks], endS, { height: 110, ticks: [0, 50, 100] })
}

function panel(
  label: string,
  marks: Plot.Markish[],
  endS: number,
  { height = 150, ticks = 4 }: { height?: number; ticks?: number | number[] } = {},
): Panel {
  const svg = svgOf(label, {
    marginBottom: 22,
    marginTop: 24,
    x: { label: null, tickFormat: (value: number) => `${value} s`, domain: [0, endS] },
    y: { label, grid: true, ticks, nice: true, labelArrow: 'none' },
    marks,
    width: WIDTH,
    height,
    marginLeft: MARGIN_LEFT,
    marginRight: MARGIN_RIGHT,
  })
  return { height, svg }
}

/** When the longest timeline ends, in seconds. */
export function endOf(drawn: readonly DrawnPolicy[]): number {
  return Math.max(
    ...drawn.map(({ outcome }) => seconds(outcome.timeline.at(-1)) + stretch(outcome.timeline)),
  )
}

/** From the smallest variant to the largest, then violations. */
export function shareColours({ variants }: Ladder): [string, string][] {
  const colours = Plot.scale({
    color: { domain: [0, Math.max(1, variants.length - 1)], range: GREENS },
  })
  return [
    ...variants.map(({ name }, index): [string, string] => [name, String(colours.apply(index))]),
    ['not in time', VIOLATION],
  ]
}

/** As many lines as the entries take. */
function legendLines(entries: readonly (readonly [string, string])[]): string[] {
  const lines: string[][] = [[]]
  let x = MARGIN_LEFT
  for (const [name, colour] of entries) {
    const width = 30 + LETTER_WIDTH * name.length
    if (x + width > WIDTH) {
      lines.push([])
      x = MARGIN_LEFT
    }
    const mark = `<rect x="${x}" y="6" width="12" height="12" fill="${colour}"/>`
    lines.at(-1)?.push(`${mark}${text(x + 17, 16, name, INK)}`)
    x += width
  }
  return lines.map((parts) => parts.join(''))
}

function text(x: number, y: number, content: string, fill: string, weight = 'normal'): string {
  return `<text x="${x}" y="${y}" fill="${fill}" font-weight="${weight}">${escaped(content)}</text>`
}

function seconds(point: TimelinePoint | undefined): number {
  return (point?.atMs ?? 0) / 1000
}

/** Length of an interval, in seconds. */
function stretch(timeline: readonly TimelinePoint[]): number {
  return seconds(timeline[1])
}
