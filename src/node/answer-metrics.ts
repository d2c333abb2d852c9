/** What a device tells of its own answers: name, meaning, and where the value is from. */
import type { EscalationCounts } from './escalation-counts.ts'
import type { AccuracyReport } from './in-service.ts'
import type { ObservationSpool } from './observation-spool.ts'
import { flag, listed, type ScrapedMetrics, series, split } from './scraped-metrics.ts'

/** How a device's answers turned out. */
export interface DeviceMeasured {
  readonly escalations: EscalationCounts
  readonly accuracy: AccuracyReport
  /** Whether each tier above is asked now. */
  readonly tiersUp: Readonly<Record<string, boolean>>
  /** What no request is served below; 0: there is no floor. */
  readonly floorPercent: number
  /** What its requests are to reach on average; 0: it has no goal of its own. */
  readonly goalPercent: number
  /** Observations between the device and the orchestrator; absent without a broker. */
  readonly spool?: Pick<ObservationSpool, 'size' | 'dropped'>
}

/** Of a device's own answers. */
export function answerMetrics(
  metrics: ScrapedMetrics,
  measured: () => DeviceMeasured | undefined,
): void {
  metrics.gauge(
    'tier_up',
    'Whether a tier above is asked: 0 from a failure until it is ready again.',
    () => listed('tier', measured()?.tiersUp),
    ['tier'],
  )
  boundMetrics(metrics, measured)
  metrics.counter(
    'escalations_total',
    'Unsure answers that went on, and where.',
    () => measured()?.escalations.ways.map(({ from, to, count }) => [{ from, to }, count]),
    ['from', 'to'],
  )
  metrics.counter(
    'escalations_kept_back_total',
    'Unsure answers that were given all the same.',
    () => listed('reason', measured()?.escalations.keptBack),
    ['reason'],
  )
  const accuracy = () => measured()?.accuracy
  metrics.counter(
    'judged_answers_total',
    'First answers that were judged by their margin.',
    () => accuracy()?.judged,
  )
  metrics.gauge(
    'escalation_share',
    'Share of the judged answers that were unsure, or planned to be.',
    () => {
      const known = accuracy()
      return (
        known &&
        series('kind', ['planned', known.plannedPercent / 100], ['seen', known.seenPercent / 100])
      )
    },
    ['kind'],
  )
  metrics.counter(
    'audits_total',
    'Sure answers that the larger variant was asked about as well.',
    () => split('agreed', accuracy()?.agreed, accuracy()?.audited),
    ['agreed'],
  )
  metrics.counter(
    'audits_dropped_total',
    'Audits left as the node was busy.',
    () => accuracy()?.auditsDropped,
  )
  metrics.gauge('accuracy_in_doubt', 'Whether the promised accuracy is in doubt.', () => {
    const known = accuracy()
    return known && flag(known.inDoubt !== undefined)
  })
  labelMetrics(metrics, () => accuracy()?.measured)
}

/** What it holds its answers to, and what it holds of them. */
function boundMetrics(metrics: ScrapedMetrics, measured: () => DeviceMeasured | undefined): void {
  metrics.gauge(
    'floor_percent',
    'Accuracy that no request of this device is served below; 0: there is no floor.',
    () => measured()?.floorPercent,
  )
  metrics.gauge(
    'own_goal_percent',
    'Average accuracy that the requests of this device are to reach; 0: it has no goal of its own.',
    () => measured()?.goalPercent,
  )
  metrics.gauge(
    'waiting_observations',
    'Observations that wait for an orchestrator to hear them.',
    () => measured()?.spool?.size,
  )
  metrics.counter(
    'dropped_observations_total',
    'Observations that found no room to wait for an orchestrator.',
    () => measured()?.spool?.dropped,
  )
}

type ByLabels = DeviceMeasured['accuracy']['measured']

function labelMetrics(metrics: ScrapedMetrics, measured: () => ByLabels | undefined): void {
  metrics.counter(
    'labelled_answers_total',
    'Answers whose true label was told.',
    () => split('correct', measured()?.right, measured()?.labelled),
    ['correct'],
  )
  metrics.gauge(
    'measured_accuracy_percent',
    'Bounds of the 95 % interval of the accuracy by labels.',
    () => {
      const known = measured()
      const [low, high] = known?.intervalPercent ?? [0, 100]
      return known && series('bound', ['low', low], ['high', high])
    },
    ['bound'],
  )
}
