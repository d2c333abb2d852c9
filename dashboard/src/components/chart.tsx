import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
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
  readonly children?: ComponentChildren
}

const darkQuery = matchMedia('(prefers-color-scheme: dark)')
const dark = signal(darkQuery.matches)
darkQuery.addEventListener('change', ({ matches }) => {
  dark.value = matches
})

const CHART_HEIGHT = 190

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
    labelSize: 18,
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

function options({ unit, series, scale }: ChartProps, width: number): UPlot.Options {
  return {
    width,
    height: CHART_HEIGHT,
    padding: [8, 12, 0, 0],
    scales: { x: { time: false }, y: scale },
    // One cursor over all charts: the same round everywhere.
    cursor: { sync: { key: 'rounds' }, drag: { x: false, y: false }, y: false },
    axes: [
      { ...axis('round'), size: 34 },
      { ...axis(unit), size: 52 },
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
    const made = new UPlot(options(props, element.clientWidth), data, element)
    plot.current = made
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: CHART_HEIGHT }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [isDark])

  useEffect(() => {
    if (plot.current === undefined) return
    plot.current.setData(data)
    showNewest(plot.current)
  }, [data])

  return (
    <section class="panel" aria-labelledby={`${id}-title`} data-testid={`chart-${id}`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
      <div class="chart" ref={holder} role="img" aria-label={summary} />
    </section>
  )
}
