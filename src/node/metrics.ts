/**
 * What a node counts and measures, as Prometheus reads it: `GET /metrics`, text format 0.0.4. Every value is read when asked
 * for; whoever needs rates or percentiles over time has Prometheus compute them from the counters.
 */
import type { ServiceUsage } from '../serving/intelligent-service.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import type { EscalationCounts } from './escalation-counts.ts'
import type { AccuracyReport } from './in-service.ts'

/** The page's `content-type`. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** All that the page tells. */
export interface Measured extends ServiceUsage {
  readonly ready: boolean
  readonly requests: number
  /** Without the client's fault. */
  readonly failedRequests: number
  /** Undefined as long as nothing is scheduled. */
  readonly scheduling: SchedulingReport | undefined
  /** Of a device. */
  readonly answers?: DeviceMeasured
}

/** How a device's answers turned out. */
interface DeviceMeasured {
  readonly escalations: EscalationCounts
  readonly accuracy: AccuracyReport
}

type Labels = Readonly<Record<string, string>>

interface Metric {
  /** Without `tierwise_`. */
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'summary'
  readonly help: string
  readonly samples: readonly (readonly [Labels, number])[]
}

const counter = metric('counter')
const gauge = metric('gauge')
const summary = metric('summary')

/** One gauge more, as text. */
export function gaugeText(name: string, help: string, value: number): string {
  return textOf(gauge(name, help, value))
}

/** The page, as text. */
export function metricsText(measured: Measured): string {
  const { scheduling } = measured
  const metrics = [
    ...serviceMetrics(measured),
    ...(scheduling ? schedulingMetrics(scheduling) : []),
    ...(measured.answers ? answerMetrics(measured.answers) : []),
  ]
  return metrics.map(textOf).join('')
}

function serviceMetrics(measured: Measured): Metric[] {
  const { ready, requests, failedRequests, queueDepth, busyWorkers } = measured
  return [
    gauge('ready', 'Whether every model is warm.', ready ? 1 : 0),
    counter('requests_total', 'Inference requests.', requests),
    counter(
      'failed_requests_total',
      "Those that failed without the client's fault.",
      failedRequests,
    ),
    gauge('pending_requests', 'Requests that wait for a worker.', queueDepth),
    gauge('busy_workers', 'Workers that run an inference.', busyWorkers),
  ]
}

/** Of a device's own answers. */
function answerMetrics({ escalations, accuracy }: DeviceMeasured): Metric[] {
  const { judged, plannedPercent, seenPercent, audited, agreed, measured, inDoubt } = accuracy
  const ways = escalations.ways.map(({ from, to, count }) => [{ from, to }, count] as const)
  const keptBack = Object.entries(escalations.keptBack).map(
    ([reason, count]) => [{ reason }, count] as const,
  )
  const [low = 0, high = 100] = measured.intervalPercent ?? []
  return [
    counter('escalations_total', 'Unsure answers that went on, and where.', ways),
    counter(
      'escalations_kept_back_total',
      'Unsure answers that were given all the same.',
      keptBack,
    ),
    counter('judged_answers_total', 'First answers that were judged by their margin.', judged),
    gauge('escalation_share', 'Share of the judged answers that were unsure, or planned to be.', [
      [{ kind: 'planned' }, plannedPercent / 100],
      [{ kind: 'seen' }, seenPercent / 100],
    ]),
    counter('audits_total', 'Sure answers that the larger variant was asked about as well.', [
      [{ agreed: 'true' }, agreed],
      [{ agreed: 'false' }, audited - agreed],
    ]),
    counter('audits_dropped_total', 'Audits left as the node was busy.', accuracy.auditsDropped),
    gauge('accuracy_in_doubt', 'Whether the promised accuracy is in doubt.', inDoubt ? 1 : 0),
    counter('labelled_answers_total', 'Answers whose true label was told.', [
      [{ correct: 'true' }, measured.right],
      [{ correct: 'false' }, measured.labelled - measured.right],
    ]),
    gauge('measured_accuracy_percent', 'Bounds of the 95 % interval of the accuracy by labels.', [
      [{ bound: 'low' }, low],
      [{ bound: 'high' }, high],
    ]),
  ]
}

/** Of requests with a deadline. */
function schedulingMetrics(report: SchedulingReport): Metric[] {
  const { policy, variants, dropped, switches, decisionMs } = report
  const answers = variants.flatMap(({ name: variant, onTime, late }) => [
    [{ variant, outcome: 'on_time' }, onTime] as const,
    [{ variant, outcome: 'late' }, late] as const,
  ])
  const reasons = Object.entries(dropped).map(([reason, count]) => [{ reason }, count] as const)
  const planned = variants.map(
    ({ name: variant, plannedMs }) => [{ variant }, plannedMs / 1000] as const,
  )
  return [
    counter('scheduled_answers_total', 'Answers to requests with a deadline.', answers),
    counter('scheduled_drops_total', 'Requests with a deadline that were dropped.', reasons),
    gauge(
      'effective_accuracy_percent',
      'Mean accuracy over requests with a deadline, 0 for those late or dropped.',
      report.effectiveAccuracyPercent,
    ),
    gauge(
      'served_accuracy_percent',
      'Mean accuracy of the answers given in time.',
      report.servedAccuracyPercent,
    ),
    gauge(
      'deadline_violations_percent',
      'Share of requests with a deadline that were late or dropped.',
      report.violationPercent,
    ),
    counter('variant_switches_total', 'Services by another variant than the one before.', switches),
    summary('decision_seconds', 'Time of the latest scheduling decisions.', [
      [{ quantile: '0.5' }, decisionMs.p50 / 1000],
      [{ quantile: '0.99' }, decisionMs.p99 / 1000],
    ]),
    gauge('planned_service_seconds', 'How long a service is planned to take.', planned),
    gauge(
      'service_reserve_seconds',
      'Kept in hand, once for all that wait, for services that are held up.',
      report.reserveMs / 1000,
    ),
    gauge('scheduling_policy_info', 'The policy in force.', [[{ policy }, 1]]),
  ]
}

function metric(kind: Metric['kind']) {
  return (name: string, help: string, value: number | Metric['samples']): Metric => {
    return { name, kind, help, samples: typeof value === 'number' ? [[{}, value]] : value }
  }
}

function textOf({ name, kind, help, samples }: Metric): string {
  const lines = samples.map(([labels, value]) => `tierwise_${name}${labelsOf(labels)} ${value}\n`)
  return `# HELP tierwise_${name} ${help}\n# TYPE tierwise_${name} ${kind}\n${lines.join('')}`
}

function labelsOf(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
}
