/** What policies did over time, as one SVG picture or an HTML page around it: load, accuracy, queue, and who answered. */
import * as Plot from '@observablehq/plot'
import type { Ladder } from '../scheduling/ladder.ts'
import type { PolicyOutcome } from '../simulation/node/policy-outcome.ts'
import type { TimelinePoint } from '../simulation/node/timeline.ts'
import { svgOf } from './chart.ts'
import { escaped, pageOf, sectionOf } from './page.ts'

const WIDTH = 960
const MARGIN_LEFT = 64
const LEGEND_HEIGHT = 24
const LETTER_WIDTH = 7
/** For the names at the ends of lines. */
const MARGIN_RIGHT = 150
/** Of a label, and of the part of a panel that lines are drawn in. */
const LABEL_HEIGHT = 13
const PLOT_HEIGHT = 104
/** Told apart by colour-blind readers as far as twelve colours can be. */
const COLOURS = [
  ...['#0f766e', '#b45309', '#2563eb', '#be185d', '#6b7280', '#7c3aed'],
  ...['#65a30d', '#0891b2', '#92400e', '#e11d48', '#1f2937', '#c026d3'],
]
const VIOLATION = '#b91c1c'
const GREENS = ['#99f6e4', '#0f766e']

interface Panel {
  readonly height: number
  readonly options: Plot.PlotOptions
}

/** @param title one line over the picture */
export async function timelineSvg(
  title: string,
  ladder: Ladder,
  outcomes: readonly PolicyOutcome[],
): Promise<string> {
  const panels = [
    ...linePanels(outcomes),
    ...outcomes.map((outcome) => sharePanel(ladder, outcome)),
  ]
  const endS = Math.max(
    ...outcomes.map(({ timeline }) => seconds(timeline.at(-1)) + stretch(timeline)),
  )
  let top = 28
  const parts = [text(MARGIN_LEFT, 18, title, '#1f2937', 'bold')]
  const add = (height: number, part: (top: number) => string) => {
    parts.push(part(top))
    top += height
  }
  const legend = (entries: readonly (readonly [string, string])[]) => {
    for (const line of legendLines(entries)) add(LEGEND_HEIGHT, line)
  }
  legend(outcomes.map(({ policy }, index) => [policy, colourOf(index)]))
  for (const [index, { height, options }] of panels.entries()) {
    if (index === 3) legend(shareColours(ladder))
    const x = { ...options.x, domain: [0, endS] }
    const svg = svgOf(title, {
      ...options,
      x,
      width: WIDTH,
      height,
      marginLeft: MARGIN_LEFT,
      marginRight: MARGIN_RIGHT,
    })
    add(height, (y) => `<g transform="translate(0 ${y})">${svg}</g>`)
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="12"><title>${escaped(title)}</title><rect width="100%" height="100%" fill="white"/>${parts.join('\n')}</svg>\n`
}

/** Lines that can be told apart in one picture. */
const MOST_LINES = 5

/** The table that is printed, and pictures of at most five policies each: the first at once, others on demand. */
export async function timelinePage(
  title: string,
  table: string,
  ladder: Ladder,
  outcomes: readonly PolicyOutcome[],
): Promise<string> {
  const pictures: string[] = []
  for (let from = 0; from < outcomes.length; from += MOST_LINES) {
    const few = outcomes.slice(from, from + MOST_LINES)
    const names = few.map(({ policy }) => policy).join(', ')
    const figure = `<figure>${await timelineSvg(title, ladder, few)}</figure>`
    const summary = `<summary>${escaped(names)}</summary>`
    pictures.push(from === 0 ? figure : `<details>${summary}${figure}</details>`)
  }
  const body = `${sectionOf('Figures', `<pre>${escaped(table)}</pre>`)}\n${sectionOf('Over time', pictures.join('\n'))}`
  return pageOf({ title, body })
}

/** Load, accuracy and queue, a line for every policy. */
function linePanels(outcomes: readonly PolicyOutcome[]): Panel[] {
  const lines = (value: (point: TimelinePoint) => number | undefined) =>
    outcomes.map(({ timeline }, index) =>
      Plot.line(timeline, {
        x: seconds,
        y: (point: TimelinePoint) => value(point) ?? Number.NaN,
        stroke: colourOf(index),
        strokeWidth: 1.6,
      }),
    )
  const arrivals = Plot.areaY(outcomes[0]?.timeline ?? [], {
    x: seconds,
    y: 'arrivalsPerS',
    fill: '#d1d5db',
    curve: 'step-after',
  })
  return [
    panel('requests arriving per second', [arrivals, Plot.ruleY([0])]),
    panel('effective accuracy (%): 0 for what is not in time', [
      ...lines(({ effectiveAccuracyPercent }) => effectiveAccuracyPercent),
      endLabels(outcomes, ({ effectiveAccuracyPercent }) => effectiveAccuracyPercent),
    ]),
    panel('requests waiting or in service', [
      ...lines(({ inSystem }) => inSystem),
      endLabels(outcomes, ({ inSystem }) => inSystem),
      Plot.ruleY([0]),
    ]),
  ]
}

/** The name of every line at its end, moved up where it would be printed over another. */
function endLabels(
  outcomes: readonly PolicyOutcome[],
  value: (point: TimelinePoint) => number | undefined,
): Plot.Markish {
  const all = outcomes.flatMap(({ timeline }) => timeline.flatMap((point) => value(point) ?? []))
  const apart = ((Math.max(...all) - Math.min(...all)) * LABEL_HEIGHT) / PLOT_HEIGHT
  const ends = outcomes.flatMap(({ policy, timeline }, index) => {
    const last = timeline.findLast((point) => value(point) !== undefined)
    if (last === undefined) return []
    return [{ policy, x: seconds(last), y: value(last) ?? 0, colour: colourOf(index) }]
  })
  let freeAbove = Number.NEGATIVE_INFINITY
  const labels = ends
    .sort((a, b) => a.y - b.y)
    .map((end) => {
      const y = Math.max(end.y, freeAbove)
      freeAbove = y + apart
      return { ...end, y }
    })
  const place = { x: 'x', y: 'y', text: 'policy', fill: 'colour' }
  return Plot.text(labels, { ...place, textAnchor: 'start', dx: 6, clip: false })
}

/** Who answered the requests of each interval, as shares. */
function sharePanel(ladder: Ladder, { policy, timeline }: PolicyOutcome): Panel {
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
  const { options } = panel(`answered by (%): ${policy}`, [marks])
  return { height: 110, options: { ...options, y: { ...options.y, ticks: [0, 50, 100] } } }
}

function panel(label: string, marks: Plot.Markish[]): Panel {
  const y = { label, grid: true, ticks: 4, nice: true, labelArrow: 'none' } as const
  const options = {
    marginBottom: 22,
    marginTop: 24,
    x: { label: null, tickFormat: (value: number) => `${value} s` },
    y,
    marks,
  }
  return { height: 150, options }
}

/** From the smallest variant to the largest, then violations. */
function shareColours({ variants }: Ladder): [string, string][] {
  const colours = Plot.scale({
    color: { domain: [0, Math.max(1, variants.length - 1)], range: GREENS },
  })
  return [
    ...variants.map(({ name }, index): [string, string] => [name, String(colours.apply(index))]),
    ['not in time', VIOLATION],
  ]
}

/** As many lines as the entries take, each drawn at a height of its own. */
function legendLines(entries: readonly (readonly [string, string])[]): ((y: number) => string)[] {
  const lines: string[][] = [[]]
  let x = MARGIN_LEFT
  for (const [name, colour] of entries) {
    const width = 30 + LETTER_WIDTH * name.length
    if (x + width > WIDTH) {
      lines.push([])
      x = MARGIN_LEFT
    }
    const mark = `<rect x="${x}" y="-10" width="12" height="12" fill="${colour}"/>`
    lines.at(-1)?.push(`${mark}${text(x + 17, 0, name, '#1f2937')}`)
    x += width
  }
  return lines.map((parts) => (y) => `<g transform="translate(0 ${y + 16})">${parts.join('')}</g>`)
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

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] as string
}
