import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'
import { type Mark, type PlotSpec, plotOptions, showNewest, sizeOf } from './plot.ts'

interface ChartProps extends PlotSpec {
  readonly id: string
  readonly title: string
  /** [rounds, one array per series]; all of one length. */
  readonly data: UPlot.AlignedData
  /** Says in words what the picture shows. */
  readonly summary: string
  readonly marks?: readonly Mark[]
  readonly children?: ComponentChildren
}

const darkQuery = matchMedia('(prefers-color-scheme: dark)')
const dark = signal(darkQuery.matches)
darkQuery.addEventListener('change', ({ matches }) => {
  dark.value = matches
})

/** A panel with one uPlot chart, drawn anew when the colour scheme changes, resized with its panel. */
export function Chart(props: ChartProps) {
  const { id, title, data, summary, marks = [], children } = props
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const newestMarks = useRef(marks)
  newestMarks.current = marks
  const isDark = dark.value

  // Made once for each colour scheme: a chart's series never change.
  useLayoutEffect(() => {
    const element = holder.current
    if (element === null) return
    const made = new UPlot(
      plotOptions(props, element, () => newestMarks.current),
      data,
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)))
    // A legend that wraps leaves the plot less room.
    for (const watched of element.querySelectorAll('.u-legend')) observer.observe(watched)
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
