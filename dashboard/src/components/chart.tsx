import { useLayoutEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from '../theme.ts'
import './chart.css'
import {
  isEmpty,
  type Mark,
  type PlotSpec,
  plotOptions,
  type Span,
  showNewest,
  sizeOf,
} from './plot.ts'

interface ChartProps extends PlotSpec {
  readonly id: string
  readonly title: string
  /** [Unix s, one array per series]; all of one length. */
  readonly data: UPlot.AlignedData
  readonly span: Span
  /** Says in words what the picture shows. */
  readonly summary: string
  readonly marks?: readonly Mark[]
  readonly onSelect?: (span: Span) => void
}

/** One uPlot chart, drawn anew when the colours change, resized with its place. */
export function Chart(props: ChartProps) {
  const { id, title, data, span, summary, marks = [] } = props
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const newest = useRef(props)
  newest.current = props
  const colours = theme.value

  // Made once for each colour scheme: a chart's series never change.
  useLayoutEffect(() => {
    const element = holder.current
    if (element === null) return
    const host = {
      marks: () => newest.current.marks ?? [],
      span: () => newest.current.span,
      onSelect: (selected: Span) => newest.current.onSelect?.(selected),
    }
    const made = new UPlot(plotOptions(props, element, host), data, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)))
    // A legend that wraps leaves the plot less room.
    for (const watched of element.querySelectorAll('.u-legend')) observer.observe(watched)
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [colours])

  useLayoutEffect(() => {
    if (plot.current === undefined) return
    plot.current.setData([...data] as UPlot.AlignedData)
    showNewest(plot.current)
  }, [data, span.from, span.to, marks])

  return (
    <figure data-testid={`chart-${id}`}>
      <figcaption>
        {title}
        {isEmpty(data) && ': nothing measured in this time'}
      </figcaption>
      <div class="chart" ref={holder} role="img" aria-label={summary} />
    </figure>
  )
}
