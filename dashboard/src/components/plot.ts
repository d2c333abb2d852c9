/** How uPlot draws a chart over rounds: axes, colours, legend, cursor, marks. */
import type UPlot from 'uplot'

/** One line, or one set of points, over rounds. Colours are names of custom properties in style.css. */
export interface ChartSeries {
  readonly label: string
  readonly color: string
  readonly widthPx?: number
  readonly dashed?: boolean
  readonly pointsOnly?: boolean
}

/** A vertical line at a round, with what began there. */
export interface Mark {
  readonly round: number
  readonly label: string
}

/** What makes a chart, but its data. */
export interface PlotSpec {
  /** The unit of every series, written after values. */
  readonly unit: string
  readonly series: readonly ChartSeries[]
  readonly scale: UPlot.Scale
  /** Which values of the vertical axis are marked; absent leaves it to uPlot. */
  readonly ticks?: Pick<UPlot.Axis, 'splits' | 'filter'>
}

/** What the holder has for the plot, below which stands the legend in one line or more. */
export function sizeOf(holder: HTMLElement): { width: number; height: number } {
  const legendHeight = holder.querySelector('.u-legend')?.clientHeight ?? 0
  return { width: holder.clientWidth, height: holder.clientHeight - legendHeight }
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function written(value: number | null, unit: string): string {
  if (value === null || value === undefined) return '–'
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 1
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`.trim()
}

function axis(label: string): UPlot.Axis {
  return {
    label,
    font: FONT,
    labelFont: FONT,
    labelSize: 16,
    labelGap: 0,
    gap: 4,
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1, size: 4 },
  }
}

function line({ label, color: name, widthPx, dashed, pointsOnly }: ChartSeries, unit: string) {
  const stroke = color(name)
  const series: UPlot.Series = {
    label,
    stroke,
    width: widthPx ?? 2,
    value: (_, value) => written(value, unit),
    points: { show: false },
  }
  if (dashed) series.dash = [6, 4]
  if (pointsOnly) {
    series.paths = () => null
    series.points = { show: true, size: 7, fill: stroke, stroke }
  }
  return series
}

/** From one marked round to the next: there is no half a round. */
const ROUND_STEPS = [1, 2, 5]
  .flatMap((step) => [0, 1, 2, 3, 4, 5].map((digits) => step * 10 ** digits))
  .sort((a, b) => a - b)

/** At least ten rounds wide. */
const ROUNDS: UPlot.Scale.Range = (_, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 10)]

/** @param marks asked at every drawing */
export function plotOptions(
  { unit, series, scale, ticks }: PlotSpec,
  holder: HTMLElement,
  marks: () => readonly Mark[],
): UPlot.Options {
  const ink = color('--muted')
  return {
    ...sizeOf(holder),
    padding: [8, 12, 0, 0],
    scales: { x: { time: false, range: ROUNDS }, y: scale },
    // One cursor over all charts: the same round everywhere.
    cursor: { sync: { key: 'rounds' }, drag: { x: false, y: false }, y: false },
    axes: [
      { ...axis('round'), size: 26, incrs: ROUND_STEPS },
      { ...axis(unit), size: 50, ...ticks },
    ],
    series: [
      { label: 'Round', value: (_, value) => written(value, '') },
      ...series.map((each) => line(each, unit)),
    ],
    hooks: { setCursor: [showNewest], draw: [(plot) => drawMarks(plot, marks(), ink)] },
  }
}

/** Without a cursor the legend shows the newest round. */
export function showNewest(plot: UPlot): void {
  if (plot.cursor.idx == null && plot.data[0].length > 0) {
    plot.setLegend({ idx: plot.data[0].length - 1 })
  }
}

const FONT = '12px system-ui, sans-serif'

function drawMarks({ ctx, bbox, valToPos, scales }: UPlot, marks: readonly Mark[], ink: string) {
  const { left, top, width, height } = bbox
  ctx.save()
  ctx.strokeStyle = ink
  ctx.fillStyle = ink
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
  for (const { round, label } of marks) {
    if (round < (scales['x']?.min ?? 0)) continue
    const x = valToPos(round, 'x', true)
    const labelWidth = ctx.measureText(label).width
    const beyond = x + labelWidth + 8 > left + width
    ctx.beginPath()
    ctx.moveTo(x, top)
    ctx.lineTo(x, top + height)
    ctx.stroke()
    ctx.fillText(label, beyond ? x - labelWidth - 6 : x + 6, top + 12 * devicePixelRatio)
  }
  ctx.restore()
}
