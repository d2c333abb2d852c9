import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { AlignedData, Scale } from 'uplot'
import { count, milliseconds, percent } from '../format.ts'
import { agentChanges, movingMean, type Round, WINDOW } from '../rounds.ts'
import { Chart } from './chart.tsx'
import type { ChartSeries } from './plot.ts'

interface RoundsProps {
  readonly rounds: readonly Round[]
}

const FROM_ZERO: Scale = { range: (_, _min, max) => [0, max > 0 ? max * 1.08 : 100] }

const RESPONSE_TIME_SERIES: readonly ChartSeries[] = [
  { label: 'Each round', color: '--raw', widthPx: 1 },
  { label: `Mean of ${WINDOW}`, color: '--accent' },
]

/** Average response time of every round, raw and smoothed; marked where another agent took over. */
export function ResponseTimeChart({ rounds }: RoundsProps) {
  const data = useMemo((): AlignedData => {
    const times = rounds.map((round) => round.responseTimeMs)
    return [rounds.map(({ round }) => round), times, movingMean(times, WINDOW)]
  }, [rounds])
  return (
    <Chart
      id="response-time"
      title="Average response time"
      unit="ms"
      series={RESPONSE_TIME_SERIES}
      scale={FROM_ZERO}
      data={data}
      marks={agentChanges(rounds)}
      summary={`Average response time over ${rounds.length} rounds, now ${milliseconds(rounds.at(-1)?.responseTimeMs)}`}
    />
  )
}

const ACCURACY_SERIES: readonly ChartSeries[] = [
  { label: 'Accuracy', color: '--good', widthPx: 1.5 },
  { label: 'Goal', color: '--ink', widthPx: 1.5, dashed: true },
  { label: 'Violation', color: '--bad', pointsOnly: true },
]

const AROUND_DATA: Scale = {
  range: (_, min, max) =>
    min === null ? [0, 100] : [Math.max(0, Math.floor(min - 1)), Math.min(100, Math.ceil(max + 1))],
}

/** Average accuracy of every round against the goal it was decided under. */
export function AccuracyChart({
  rounds,
  children,
}: RoundsProps & { readonly children: ComponentChildren }) {
  const data = useMemo(
    (): AlignedData => [
      rounds.map(({ round }) => round),
      rounds.map((round) => round.accuracyPercent),
      rounds.map((round) => round.goalPercent),
      rounds.map((round) => (round.violated ? round.accuracyPercent : null)),
    ],
    [rounds],
  )
  const violations = rounds.filter((round) => round.violated).length
  return (
    <Chart
      id="accuracy"
      title="Accuracy against the goal"
      unit="%"
      series={ACCURACY_SERIES}
      scale={AROUND_DATA}
      data={data}
      summary={`Average accuracy over ${rounds.length} rounds, now ${percent(rounds.at(-1)?.accuracyPercent)}, goal ${percent(rounds.at(-1)?.goalPercent)}, ${violations} violations`}
    >
      {children}
    </Chart>
  )
}

const STEPS_SERIES: readonly ChartSeries[] = [
  { label: 'Real', color: '--tier-end' },
  { label: 'Planned', color: '--accent' },
]

/** Logarithmic, from 1 to the next power of ten: planned steps are many times the real ones. */
const POWERS_OF_TEN: Scale = {
  distr: 3,
  range: (_, _min, max) => [1, 10 ** Math.max(1, Math.ceil(Math.log10(max || 1)))],
}

const EACH_POWER = {
  splits: (_: unknown, _axis: number, min: number, max: number) =>
    Array.from({ length: Math.round(Math.log10(max / min)) + 1 }, (_, power) => min * 10 ** power),
  filter: (_: unknown, splits: number[]) => splits,
}

/** Steps learned from so far: taken with real requests, and planned with the learned system model. */
export function StepsChart({ rounds }: RoundsProps) {
  const data = useMemo(
    (): AlignedData => [
      rounds.map(({ round }) => round),
      rounds.map(({ realSteps }) => realSteps || null),
      rounds.map(({ plannedSteps }) => plannedSteps || null),
    ],
    [rounds],
  )
  return (
    <Chart
      id="steps"
      title="Real and planned steps"
      unit="steps"
      series={STEPS_SERIES}
      scale={POWERS_OF_TEN}
      ticks={EACH_POWER}
      data={data}
      summary={`${count(rounds.at(-1)?.realSteps)} real steps, ${count(rounds.at(-1)?.plannedSteps)} planned steps`}
    />
  )
}
