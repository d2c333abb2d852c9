import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'

/** One line, or one set of points, over rounds. Colours are names of custom properties in style.css. */
export interface ChartSeries {
  readonly label: string
  readonly color: string
  readonly widthPx?: number
  readonly dashed?: boolean
  readonly pointsOnly?: boolean
}

export interface ChartProps {
  readonly id: string
  readonly title: string
  /** The unit of every series, written after values. */
  readonly unit: string
  readonly series: readonly ChartSeries[]
  /** [rounds, one array per series]; all of one length. */
  readonly data: UPlot.AlignedData
  /** Says in words what the picture shows. */
  readonly summary: string
  readonly scale: UPlot.Scale
  /** Which values of the vertical axis are marked; absent leaves it to uPlot. */
  readonly ticks?: Pick<UPlot.Axis, 'splits' | 'filter'>
  readonly children?: ComponentChildren
}

const darkQuery = matchMedia('(prefers-color-scheme: dark)')
const dark = signal(darkQuery.matches)
darkQuery.addEventListener('change', ({ matches }) => {
  dark.value = matches
})

/** What the holder has for the plot, below which stands the legend in one line or more. */
function sizeOf(holder: HTMLElement): { width: number; height: number } {
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
  const font = '12px system-ui, sans-serif'
  return {
    label,
    font,
    labelFont: font,
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

/** At least ten rounds wide. */
const ROUNDS: UPlot.Scale.Range = (_, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 10)]

function options({ unit, series, scale, ticks }: ChartProps, element: HTMLElement): UPlot.Options {
  return {
    ...sizeOf(element),
    padding: [8, 12, 0, 0],
    scales: { x: { time: false, range: ROUNDS }, y: scale },
    // One cursor over all charts: the same round everywhere.
    cursor: { sync: { key: 'rounds' }, drag: { x: false, y: false }, y: false },
    axes: [
      { ...axis('round'), size: 26 },
      { ...axis(unit), size: 50, ...ticks },
    ],
    series: [
      { label: 'Round', value: (_, value) => written(value, '') },
      ...series.map((each) => line(each, unit)),
    ],
    hooks: { setCursor: [showNewest] },
  }
}

/** Without a cursor the legend shows the newest round. */
function showNewest(plot: UPlot): void {
  if (plot.cursor.idx == null && plot.data[0].length > 0) {
    plot.setLegend({ idx: plot.data[0].length - 1 })
  }
}

/** A panel with one uPlot chart, drawn anew when the colour scheme changes, resized with its panel. */
export function Chart(props: ChartProps) {
  const { id, title, data, summary, children } = props
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const isDark = dark.value

  // Made once for each colour scheme: a chart's series never change.
  useLayoutEffect(() => {
    const element = holder.current
    if (element === null) return
    const made = new UPlot(options(props, element), data, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [isDark])

  useLayoutEffect(() => {
    if (plot.current === undefined) return
    plot.current.setData(data)
    showNewest(plot.current)
  }, [data])

  return (
    <section class="panel" aria-labelledby={`${id}-title`} data-testid={`chart-${id}`}>
      <div class="head">
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
      </div>
      <div class="chart" ref={holder} role="img" aria-label={summary} />
    </section>
  )
}
