/** What a node tells of its service and of the requests with a deadline: name, meaning, and where the value is from. */
import type { Admission } from '../control/telemetry-message.ts'
import type { Tier } from '../fleet/placement.ts'
import type { ServiceUsage } from '../serving/intelligent-service.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import { flag, inSeconds, listed, type ScrapedMetrics, series } from './scraped-metrics.ts'

/** What does not change while a node runs. */
export interface NodeTold {
  readonly node: string
  readonly tier: Tier
  readonly version: string
  /** Requests that may wait. */
  readonly queueLimit: number
}

/** What a node of any tier counts. */
export interface ServiceMeasured extends ServiceUsage {
  readonly ready: boolean
  readonly requests: number
  /** Without the client's fault. */
  readonly failedRequests: number
  /** By how many requests each was of. */
  readonly inferences: Readonly<Record<string, number>>
}

/** Of any node. */
export function serviceMetrics(
  metrics: ScrapedMetrics,
  measured: () => ServiceMeasured | undefined,
  { node, tier, version, queueLimit }: NodeTold,
): void {
  metrics.gauge('node_info', 'Which node this is.', () => [[{ node, tier, version }, 1]], [
    'node',
    'tier',
    'version',
  ])
  metrics.gauge('ready', 'Whether every model is warm.', () => flag(measured()?.ready))
  metrics.counter('requests_total', 'Inference requests.', () => measured()?.requests)
  metrics.counter(
    'failed_requests_total',
    "Those that failed without the client's fault.",
    () => measured()?.failedRequests,
  )
  metrics.gauge(
    'pending_requests',
    'Requests that wait for a worker.',
    () => measured()?.queueDepth,
  )
  metrics.gauge('queue_limit_requests', 'Requests that may wait.', () => queueLimit)
  metrics.gauge('busy_workers', 'Workers that run an inference.', () => measured()?.busyWorkers)
  metrics.counter(
    'inferences_total',
    'Inferences run, by how many requests each was of.',
    () => listed('batch', measured()?.inferences),
    ['batch'],
  )
}

/** Of what a node that serves by itself can take. */
export function admissionMetrics(
  metrics: ScrapedMetrics,
  admission: () => Admission | undefined,
): void {
  metrics.gauge(
    'sheds_load',
    'Whether so much was late or refused in the last seconds that requests are better sent elsewhere.',
    () => flag(admission()?.sheds),
  )
  metrics.gauge(
    'spare_requests_per_second',
    'What idle workers could serve beside, at the pace of the last seconds.',
    () => admission()?.spareRequestsPerS,
  )
}

/** Of requests with a deadline. */
export function schedulingMetrics(
  metrics: ScrapedMetrics,
  report: () => SchedulingReport | undefined,
): void {
  metrics.counter(
    'scheduled_answers_total',
    'Answers to requests with a deadline.',
    () =>
      report()?.variants.flatMap(({ name: variant, onTime, late }) => [
        [{ variant, outcome: 'on_time' }, onTime] as const,
        [{ variant, outcome: 'late' }, late] as const,
      ]),
    ['variant', 'outcome'],
  )
  metrics.counter(
    'scheduled_drops_total',
    'Requests with a deadline that were dropped.',
    () => listed('reason', report()?.dropped),
    ['reason'],
  )
  metrics.gauge(
    'effective_accuracy_percent',
    'Mean accuracy over requests with a deadline, 0 for those late or dropped.',
    () => report()?.effectiveAccuracyPercent,
  )
  metrics.gauge(
    'served_accuracy_percent',
    'Mean accuracy of the answers given in time.',
    () => report()?.servedAccuracyPercent,
  )
  metrics.gauge(
    'deadline_violations_percent',
    'Share of requests with a deadline that were late or dropped.',
    () => report()?.violationPercent,
  )
  policyMetrics(metrics, report)
}

function policyMetrics(metrics: ScrapedMetrics, report: () => SchedulingReport | undefined): void {
  metrics.counter(
    'policy_candidates_total',
    'Policies trained on own arrivals, by what became of them.',
    () => listed('outcome', report()?.retraining?.candidates),
    ['outcome'],
  )
  metrics.counter(
    'variant_switches_total',
    'Services by another variant than the one before.',
    () => report()?.switches,
  )
  metrics.gauge(
    'decision_seconds',
    'Time of the latest scheduling decisions.',
    () => {
      const times = report()?.decisionMs
      return times && series('percentile', ['50', times.p50 / 1000], ['99', times.p99 / 1000])
    },
    ['percentile'],
  )
  metrics.gauge(
    'planned_service_seconds',
    'How long a service is planned to take.',
    () => report()?.variants.map(({ name: variant, plannedMs }) => [{ variant }, plannedMs / 1000]),
    ['variant'],
  )
  metrics.gauge(
    'service_reserve_seconds',
    'Kept in hand, once for all that wait, for services that are held up.',
    () => inSeconds(report()?.reserveMs),
  )
  metrics.gauge(
    'scheduling_policy_info',
    'The policy in force.',
    () => {
      const known = report()
      return known && [[{ policy: known.policy }, 1]]
    },
    ['policy'],
  )
}
