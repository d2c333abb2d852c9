import { useMemo } from 'preact/hooks'
import type { AlignedData } from 'uplot'
import { TIERS } from '../../../src/fleet/placement.ts'
import type { DeviceView } from '../../../src/views/schemas.ts'
import { milliseconds } from '../format.ts'
import { Chart } from './chart.tsx'
import type { ChartSeries, Mark } from './plot.ts'

const SERIES: readonly ChartSeries[] = [
  { label: 'On the device', color: '--tier-end', pointsOnly: true },
  { label: 'Edge', color: '--tier-edge', pointsOnly: true },
  { label: 'Cloud', color: '--tier-cloud', pointsOnly: true },
  { label: 'Median', color: '--ink', widthPx: 1.25 },
  { label: '95 % within', color: '--raw', widthPx: 1.25, dashed: true },
]
/** Marks that can be read. */
const MOST_MARKS = 12

/** Response times of one device's newest requests, coloured by where they were served. */
export function DeviceChart({ answers, decisions, p50Ms, p95Ms }: DeviceView) {
  const data = useMemo(
    (): AlignedData => [
      answers.map(([atMs]) => atMs / 1000),
      ...TIERS.map((tier) => answers.map(([, ms, by]) => (by === tier ? ms : null))),
      answers.map(() => p50Ms ?? null),
      answers.map(() => p95Ms ?? null),
    ],
    [answers],
  )
  const [from, to] = [answers[0]?.[0], answers.at(-1)?.[0]]
  if (from === undefined || to === undefined) return null
  const marks = decisions
    .filter(({ atMs }) => atMs >= from)
    .slice(-MOST_MARKS)
    .map(({ atMs, decided }): Mark => ({ atMs, label: decided }))
  return (
    <section class="panel" aria-labelledby="device-chart-title">
      <h2 id="device-chart-title">Its requests over time</h2>
      <Chart
        {...{ id: 'device', title: 'Response time, and changes of the decision', unit: 'ms' }}
        series={SERIES}
        scale={{ range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] }}
        data={data}
        span={{ from: from / 1000, to: Math.max(to, from + 1000) / 1000 }}
        marks={marks}
        summary={`${answers.length} requests, median ${milliseconds(p50Ms)}, 95 % within ${milliseconds(p95Ms)}`}
      />
    </section>
  )
}
