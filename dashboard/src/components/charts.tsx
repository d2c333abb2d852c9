import { useMemo } from 'preact/hooks'
import type { AlignedData, Scale } from 'uplot'
import { type History, type HistoryPoint, WINDOWS } from '../../../src/views/schemas.ts'
import { goalText, milliseconds, percent } from '../format.ts'
import { history, historyWindow, zoom } from '../store.ts'
import { EVENT_WORDS } from '../words.ts'
import { Chart } from './chart.tsx'
import type { ChartSeries, Mark, Span } from './plot.ts'

const WINDOW_WORDS = { '5m': '5 minutes', '1h': '1 hour', '24h': '24 hours' } as const

const FROM_ZERO: Scale = { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] }
const AROUND_DATA: Scale = {
  range: (_, min, max) =>
    min === null ? [0, 100] : [Math.max(0, Math.floor(min - 1)), Math.min(100, Math.ceil(max + 1))],
}

const TIME_SERIES: readonly ChartSeries[] = [
  { label: 'Mean', color: '--accent' },
  { label: '95 % within', color: '--raw', widthPx: 1.25 },
]
const ACCURACY_SERIES: readonly ChartSeries[] = [
  { label: 'Served', color: '--good' },
  { label: 'Goal', color: '--ink', widthPx: 1.5, dashed: true },
]
const TIER_SERIES: readonly ChartSeries[] = [
  { label: 'On the device', color: '--tier-end' },
  { label: 'Edge', color: '--tier-edge' },
  { label: 'Cloud', color: '--tier-cloud' },
]

/** Steps without a request are holes, not lines. */
function withHoles({ points, stepMs }: History): (HistoryPoint | number)[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1]
    const isHole = before !== undefined && point.atMs - before.atMs > 2.5 * stepMs
    return isHole ? [before.atMs + stepMs, point] : [point]
  })
}

function dataOf(
  shown: History,
  ...values: ((point: HistoryPoint) => number | undefined)[]
): AlignedData {
  const points = withHoles(shown)
  const times = points.map((point) => (typeof point === 'number' ? point : point.atMs) / 1000)
  const column = (value: (point: HistoryPoint) => number | undefined) =>
    points.map((point) => (typeof point === 'number' ? null : (value(point) ?? null)))
  return [times, ...values.map(column)]
}

/** Response time, accuracy and requests over time, with one cursor, one zoom and the same events. */
export function Charts() {
  const shown = history.value
  const data = useMemo(
    () =>
      shown && {
        times: dataOf(
          shown,
          (point) => point.meanMs,
          (point) => point.p95Ms,
        ),
        accuracy: dataOf(
          shown,
          (point) => point.accuracyPercent,
          (point) => point.goalPercent,
        ),
        tiers: dataOf(
          shown,
          ...(['end', 'edge', 'cloud'] as const).map(
            (tier) => (point: HistoryPoint) => (1000 * point.byTier[tier]) / shown.stepMs,
          ),
        ),
        marks: shown.events.map(({ atMs, kind }): Mark => ({ atMs, label: EVENT_WORDS[kind] })),
        lines: shown.events.map(({ atMs }): Mark => ({ atMs })),
      },
    [shown],
  )
  if (shown === undefined || data === undefined) return null
  const newest = shown.points.at(-1)
  const span = zoom.value ?? spanOf(shown)
  const onSelect = (selected: Span) => {
    zoom.value = selected
  }
  const common = { span, onSelect, marks: data.lines }
  return (
    <section class="panel charts" aria-labelledby="charts-title">
      <ChartTools span={span} />
      <Chart
        {...common}
        {...{ id: 'response-time', title: 'Response time', unit: 'ms', series: TIME_SERIES }}
        {...{ scale: FROM_ZERO, data: data.times, marks: data.marks }}
        summary={`Response time over the last ${WINDOW_WORDS[historyWindow.value]}: now ${milliseconds(newest?.meanMs)} on average, 95 % within ${milliseconds(newest?.p95Ms)}`}
      />
      <Chart
        {...common}
        {...{
          id: 'accuracy',
          title: 'Accuracy served, and the goal',
          unit: '%',
          series: ACCURACY_SERIES,
        }}
        {...{ scale: AROUND_DATA, data: data.accuracy }}
        summary={`Accuracy served over the last ${WINDOW_WORDS[historyWindow.value]}: now ${percent(newest?.accuracyPercent)}, goal ${goalText(newest?.goalPercent)}`}
      />
      <Chart
        {...common}
        {...{
          id: 'requests',
          title: 'Requests a second, by where they are served',
          unit: '/s',
          series: TIER_SERIES,
        }}
        {...{ scale: FROM_ZERO, data: data.tiers }}
        summary={`Requests a second over the last ${WINDOW_WORDS[historyWindow.value]}`}
      />
    </section>
  )
}

/** The whole window, but not much of the time before anything was recorded. */
function spanOf({ fromMs, toMs, stepMs }: History): Span {
  return { from: Math.min(fromMs, toMs - 20 * stepMs) / 1000, to: toMs / 1000 }
}

function ChartTools({ span }: { readonly span: Span }) {
  const zoomIn = () => {
    const quarter = (span.to - span.from) / 4
    zoom.value = { from: span.from + quarter, to: span.to - quarter }
  }
  return (
    <div class="head">
      <h2 id="charts-title">
        Over time <small>drag over a chart to zoom</small>
      </h2>
      <div class="chart-tools">
        <button type="button" class="quiet" onClick={zoomIn}>
          Zoom in
        </button>
        <button
          type="button"
          class="quiet"
          disabled={zoom.value === undefined}
          onClick={() => {
            zoom.value = undefined
          }}
        >
          Show all
        </button>
        <fieldset class="segments">
          <legend class="visually-hidden">Time shown</legend>
          {WINDOWS.map((window) => (
            <label key={window}>
              <input
                type="radio"
                name="window"
                checked={historyWindow.value === window}
                onChange={() => {
                  historyWindow.value = window
                  zoom.value = undefined
                }}
              />
              <span>{WINDOW_WORDS[window]}</span>
            </label>
          ))}
        </fieldset>
      </div>
    </div>
  )
}
