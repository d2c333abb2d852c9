/** How uPlot draws a chart over time: axes, colours, legend, cursor, zoom, marks. */
import type UPlot from 'uplot'
import { grouped } from '../format.ts'

/** One line, or one set of points, over time. Colours are names of custom properties in style.css. */
export interface ChartSeries {
  readonly label: string
  readonly color: string
  readonly widthPx?: number
  readonly dashed?: boolean
  readonly pointsOnly?: boolean
}

/** A vertical line at a time, with what happened then. */
export interface Mark {
  readonly atMs: number
  readonly label?: string
}

/** A span of time, Unix s. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What makes a chart, but its data. */
export interface PlotSpec {
  /** The unit of every series, written after values. */
  readonly unit: string
  readonly series: readonly ChartSeries[]
  readonly scale: UPlot.Scale
}

/** What a chart asks at every drawing, and whom it tells. */
export interface PlotHost {
  readonly marks: () => readonly Mark[]
  readonly span: () => Span
  /** Somebody has dragged over a part of it. */
  readonly onSelect: (span: Span) => void
}

/** What the holder has for the plot, below which stands the legend in one line or more. */
export function sizeOf(holder: HTMLElement): { width: number; height: number } {
  const legendHeight = holder.querySelector('.u-legend')?.clientHeight ?? 0
  return { width: holder.clientWidth, height: holder.clientHeight - legendHeight }
}

/** No series has a value at any time. */
export function isEmpty([, ...series]: UPlot.AlignedData): boolean {
  return series.every((values) => Array.from(values).every((value) => typeof value !== 'number'))
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function written(value: number | null, unit: string): string {
  if (value === null || value === undefined) return '–'
  // Hundredths of a percent of accuracy count.
  const digits = unit === '%' ? 2 : Math.abs(value) >= 100 ? 0 : 1
  return `${grouped(value, digits)} ${unit}`.trim()
}

const FONT = '12px system-ui, sans-serif'

function axis(): UPlot.Axis {
  return {
    font: FONT,
    gap: 4,
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
}

function line({ label, color: name, widthPx, dashed, pointsOnly }: ChartSeries, unit: string) {
  const stroke = color(name)
  const series: UPlot.Series = {
    label,
    stroke,
    width: widthPx ?? 2,
    points: { show: false },
    value: (_, value) => written(value, unit),
  }
  if (dashed) series.dash = [6, 4]
  if (pointsOnly) {
    series.paths = () => null
    series.points = { show: true, size: 5, fill: stroke, stroke, width: 0 }
  }
  return series
}

/** Narrower than this is no span, CSS pixels: somebody clicked. */
const LEAST_DRAG = 6

/** All charts share one cursor, and one zoom. */
export function plotOptions(
  { unit, series, scale }: PlotSpec,
  holder: HTMLElement,
  host: PlotHost,
): UPlot.Options {
  return {
    ...sizeOf(holder),
    padding: [10, 8, 0, 0],
    scales: {
      x: { time: true, range: () => [host.span().from, host.span().to] },
      y: scale,
    },
    cursor: { sync: { key: 'time' }, drag: { x: true, y: false, setScale: false }, y: false },
    axes: [
      { ...axis(), size: 26, space: 70, incrs: TIME_STEPS, values: timesThatFit },
      {
        ...axis(),
        size: 62,
        // Where nothing is drawn no range is true.
        values: ({ data }, values) =>
          isEmpty(data) ? [] : values.map((value) => written(value, unit)),
      },
    ],
    series: [
      { label: 'Time', value: (_, value) => (value === null ? '–' : clockTime(value)) },
      ...series.map((each) => line(each, unit)),
    ],
    hooks: {
      setCursor: [showNewest],
      setSelect: [(plot) => select(plot, host)],
      draw: [(plot) => drawMarks(plot, host.marks())],
    },
  }
}

/** Between two times on the axis, s: uPlot's own, and two minutes, so that five minutes have more than one on a phone. */
const TIME_STEPS = [
  ...[1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[1, 2, 3, 4, 6, 8, 12, 24].map((hours) => 3600 * hours),
]

/** Half of what a time takes on the axis, CSS pixels. */
const HALF_TIME = 26

/** Not those that the edge would cut, or that stand in the corner where the other axis begins. */
function timesThatFit(plot: UPlot, times: readonly number[]): string[] {
  const width = plot.bbox.width / devicePixelRatio
  return times.map((time) => {
    const x = plot.valToPos(time, 'x')
    return x < HALF_TIME || x > width - HALF_TIME / 2 ? '' : clockTime(time)
  })
}

/** `14:05:09`; seconds left out where they are none. @param time Unix s */
export function clockTime(time: number): string {
  const text = new Date(1000 * time).toLocaleTimeString('en-GB')
  return text.endsWith(':00') ? text.slice(0, -3) : text
}

function select(plot: UPlot, { onSelect }: PlotHost): void {
  const { left, width } = plot.select
  if (width < LEAST_DRAG) return
  onSelect({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') })
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

/** Without a cursor the legend shows the newest. */
export function showNewest(plot: UPlot): void {
  if (plot.cursor.idx == null && plot.data[0].length > 0) {
    plot.setLegend({ idx: plot.data[0].length - 1 })
  }
}

function drawMarks({ ctx, bbox, valToPos, scales }: UPlot, marks: readonly Mark[]) {
  const { left, top, width, height } = bbox
  const ink = color('--muted')
  const pixels = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = ink
  ctx.fillStyle = ink
  ctx.font = `${11 * pixels}px system-ui, sans-serif`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.setLineDash([2 * pixels, 3 * pixels])
  // Labels that would be printed over each other are left out; the events below have all of them.
  let freeFrom = left
  for (const { atMs, label = '' } of marks) {
    const time = atMs / 1000
    if (time < (scales['x']?.min ?? 0) || time > (scales['x']?.max ?? 0)) continue
    const x = valToPos(time, 'x', true)
    ctx.beginPath()
    ctx.moveTo(x, top)
    ctx.lineTo(x, top + height)
    ctx.stroke()
    const labelWidth = ctx.measureText(label).width
    if (label === '' || x < freeFrom || x + labelWidth + 8 * pixels > left + width) continue
    ctx.fillText(label, x + 4 * pixels, top + 10 * pixels)
    freeFrom = x + labelWidth + 12 * pixels
  }
  ctx.restore()
}
