import { expect, it } from 'vitest'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import { EscalationCounts } from './escalation-counts.ts'
import { measuredAccuracy } from './labelled-answers.ts'
import { type Measured, NodeMetrics } from './metrics.ts'

const counts = {
  ...{ requests: 12, failedRequests: 1, queueDepth: 3 },
  ...{ busyWorkers: 2, workers: 2, workedMs: 5000 },
  inferences: { 1: 7, 4: 2 },
}
const admission = {
  ...{ windowSeconds: 5, requests: 10, late: 1, refused: 2 },
  ...{ sheds: true, spareRequestsPerS: 2.5 },
}
const scheduling: SchedulingReport = {
  policy: 'uniform-fit-drop',
  policyReason: 'as the node was started',
  requests: 10,
  queueDepth: 0,
  effectiveAccuracyPercent: 71.5,
  servedAccuracyPercent: 85,
  violationPercent: 20,
  late: 1,
  dropped: { 'queue-full': 0, refused: 1, expired: 0, 'given-up': 0, failed: 0 },
  switches: 4,
  withoutDeadline: { answered: 0, notServed: 0, late: 0, longestShare: 0 },
  decisionMs: { p50: 0.002, p99: 0.5 },
  batchSizes: [1],
  reserveMs: 12,
  retraining: {
    now: 'waiting',
    newArrivals: 80,
    candidates: { swapped: 2, lost: 3, useless: 0, overtaken: 0, failed: 1 },
  },
  variants: [
    {
      name: 'd"3\\',
      accuracyPercent: 74,
      profiledMs: 1,
      serviceTimesMs: [1],
      plannedMs: 1.06,
      softDeadlineMs: 21.2,
      onTime: 8,
      late: 1,
    },
  ],
}

/** The text format, line by line: nothing, a comment, or a name with labels and a value. */
const LINE =
  /^$|^(# (HELP \w+ [^\n]+|TYPE \w+ (counter|gauge|histogram))|\w+(\{[a-z]+="([^"\\\n]|\\.)*"(,[a-z]+="([^"\\\n]|\\.)*")*\})? ([0-9.e+-]+|Nan))$/

const served = { queueMs: 2, computeMs: 8, networkMs: 0, responseTimeMs: 11 }

function metricsOf(measured: Partial<Measured> = {}, tier: 'end' | 'edge' = 'end') {
  return new NodeMetrics({
    ...{ node: 'dev1', tier, version: '1.2.3', queueLimit: 64 },
    measure: () => ({
      ...{ ready: true, ...counts, scheduling: undefined, admission: undefined },
      ...measured,
    }),
  })
}

it('is the text that Prometheus reads, every metric explained once, before its samples', async () => {
  const metrics = metricsOf({ scheduling })
  metrics.answered({ placement: { tier: 'end', variant: 'd3' }, ...served })
  const text = await metrics.text()
  expect(text.endsWith('\n')).toBe(true)
  let named = ''
  const seen = new Set<string>()
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(LINE)
    if (line === '') continue
    const [, kind, name = ''] = /^(?:# (HELP|TYPE) )?(\w+)/.exec(line) ?? []
    if (kind === 'HELP') {
      expect(seen).not.toContain(name)
      seen.add(name)
      named = name
    }
    expect(name.replace(/_(bucket|sum|count)$/, '')).toBe(named.replace(/_(bucket|sum|count)$/, ''))
  }
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds'])
    expect(seen).toContain(name)
})

it('tells what was counted, in seconds and percent', async () => {
  const lines = (await metricsOf({ scheduling, admission }).text()).split('\n')
  for (const line of [
    'tierwise_sheds_load 1',
    'tierwise_spare_requests_per_second 2.5',
    'tierwise_node_info{node="dev1",tier="end",version="1.2.3"} 1',
    'tierwise_ready 1',
    'tierwise_requests_total 12',
    'tierwise_failed_requests_total 1',
    'tierwise_pending_requests 3',
    'tierwise_queue_limit_requests 64',
    'tierwise_busy_workers 2',
    'tierwise_inferences_total{batch="1"} 7',
    'tierwise_inferences_total{batch="4"} 2',
    'tierwise_scheduled_answers_total{variant="d\\"3\\\\",outcome="on_time"} 8',
    'tierwise_scheduled_answers_total{variant="d\\"3\\\\",outcome="late"} 1',
    'tierwise_scheduled_drops_total{reason="refused"} 1',
    'tierwise_scheduled_drops_total{reason="given-up"} 0',
    'tierwise_effective_accuracy_percent 71.5',
    'tierwise_served_accuracy_percent 85',
    'tierwise_deadline_violations_percent 20',
    'tierwise_variant_switches_total 4',
    'tierwise_service_reserve_seconds 0.012',
    'tierwise_decision_seconds{percentile="99"} 0.0005',
    'tierwise_planned_service_seconds{variant="d\\"3\\\\"} 0.00106',
    'tierwise_scheduling_policy_info{policy="uniform-fit-drop"} 1',
    'tierwise_policy_candidates_total{outcome="swapped"} 2',
    'tierwise_policy_candidates_total{outcome="useless"} 0',
  ]) {
    expect(lines).toContain(line)
  }
})

it('has histograms of where the time went, by the tier and variant that served', async () => {
  const metrics = metricsOf()
  metrics.answered({ placement: { tier: 'end', variant: 'd3' }, ...served })
  metrics.answered({ placement: { tier: 'end', variant: 'd3' }, ...served })
  const away = { ...served, networkMs: 40, responseTimeMs: 51 }
  metrics.answered({ placement: { tier: 'cloud', variant: 'd0' }, ...away })
  metrics.refused('deadline')
  const lines = (await metrics.text()).split('\n')
  const end = 'tier="end",variant="d3"'
  const cloud = 'tier="cloud",variant="d0"'
  for (const line of [
    `tierwise_request_duration_seconds_bucket{le="0.01",${end}} 0`,
    `tierwise_request_duration_seconds_bucket{le="0.025",${end}} 2`,
    `tierwise_request_duration_seconds_sum{${end}} 0.022`,
    `tierwise_compute_duration_seconds_count{${end}} 2`,
    `tierwise_queue_duration_seconds_sum{${end}} 0.004`,
    `tierwise_request_duration_seconds_count{${cloud}} 1`,
    `tierwise_network_duration_seconds_sum{${cloud}} 0.04`,
    'tierwise_refusals_total{code="deadline"} 1',
  ]) {
    expect(lines).toContain(line)
  }
  expect(lines.join()).not.toContain(`tierwise_network_duration_seconds_sum{${end}}`)
})

it('tells how the answers of a device turn out', async () => {
  const escalations = new EscalationCounts()
  const to = { tier: 'edge', variant: 'd0' } as const
  for (const margin of [0.2, 0.9, 0.9, 0.9])
    escalations.judged({ to, margin: 0.5, share: 0.2 }, margin)
  escalations.escalated({ tier: 'end', variant: 'd3' }, to)
  escalations.keptBack.budget = 2
  const accuracy = {
    judged: 4,
    plannedPercent: 20,
    seenPercent: 25,
    audited: 10,
    agreed: 9,
    labelled: 50,
    right: 45,
    measured: { ...measuredAccuracy(50, 45), byChoice: {} },
    auditsDropped: 3,
    inDoubt: 'turned',
  }
  const tiersUp = { edge: true, cloud: false }
  const spool = { size: 1000, dropped: 7 }
  const answers = { escalations, accuracy, tiersUp, floorPercent: 85, goalPercent: 88, spool }
  const text = await metricsOf({ answers }).text()
  const lines = text.split('\n')
  for (const line of [
    'tierwise_tier_up{tier="edge"} 1',
    'tierwise_tier_up{tier="cloud"} 0',
    'tierwise_floor_percent 85',
    'tierwise_own_goal_percent 88',
    'tierwise_waiting_observations 1000',
    'tierwise_dropped_observations_total 7',
    'tierwise_escalations_total{from="end/d3",to="edge/d0"} 1',
    'tierwise_escalations_kept_back_total{reason="budget"} 2',
    'tierwise_judged_answers_total 4',
    'tierwise_escalation_share{kind="planned"} 0.2',
    'tierwise_escalation_share{kind="seen"} 0.25',
    'tierwise_audits_total{agreed="true"} 9',
    'tierwise_audits_total{agreed="false"} 1',
    'tierwise_audits_dropped_total 3',
    'tierwise_accuracy_in_doubt 1',
    'tierwise_labelled_answers_total{correct="true"} 45',
    'tierwise_labelled_answers_total{correct="false"} 5',
  ]) {
    expect(lines).toContain(line)
  }
  expect(text).toMatch(/tierwise_measured_accuracy_percent\{bound="low"\} 78\.6/)
})

it('has no sample of scheduling before there is any, and none of escalations where none happen', async () => {
  const text = await metricsOf({ ready: false }, 'edge').text()
  expect(text).toContain('tierwise_ready 0\n')
  expect(text).not.toMatch(/^tierwise_\w*accuracy/m)
  expect(text).not.toContain('escalation')
})

it('keeps the nodes of one process apart', async () => {
  const [one, other] = [metricsOf(), metricsOf()]
  one.refused('overloaded')
  expect(await one.text()).toContain('tierwise_refusals_total{code="overloaded"} 1')
  expect(await other.text()).not.toContain('overloaded')
})
