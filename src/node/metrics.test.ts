import { expect, it } from 'vitest'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import { EscalationCounts } from './escalation-counts.ts'
import { measuredAccuracy } from './labelled-answers.ts'
import { metricsText } from './metrics.ts'

const counts = { requests: 12, failedRequests: 1, queueDepth: 3, busyWorkers: 2 }
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
  reserveMs: 12,
  variants: [
    {
      name: 'd"3\\',
      accuracyPercent: 74,
      profiledMs: 1,
      plannedMs: 1.06,
      softDeadlineMs: 21.2,
      onTime: 8,
      late: 1,
    },
  ],
}

/** The text format, line by line: a comment, or a name with labels and a value. */
const LINE =
  /^(# (HELP tierwise_[a-z_]+ [^\n]+|TYPE tierwise_[a-z_]+ (counter|gauge|summary))|tierwise_[a-z_]+(\{[a-z]+="([^"\\\n]|\\.)*"(,[a-z]+="([^"\\\n]|\\.)*")*\})? [0-9.e+-]+)$/

it('is the text that Prometheus reads, every metric explained once, before its samples', () => {
  const text = metricsText({ ready: true, ...counts, scheduling })
  expect(text.endsWith('\n')).toBe(true)
  const lines = text.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(LINE)
  let named = ''
  const seen = new Set<string>()
  for (const line of lines) {
    const [, kind, name = ''] = /^(?:# (HELP|TYPE) )?(tierwise_[a-z_]+)/.exec(line) ?? []
    if (kind === 'HELP') {
      expect(seen).not.toContain(name)
      seen.add(name)
      named = name
    }
    expect(name).toBe(named)
  }
})

it('tells what was counted, in seconds and percent', () => {
  const lines = metricsText({ ready: true, ...counts, scheduling }).split('\n')
  for (const line of [
    'tierwise_ready 1',
    'tierwise_requests_total 12',
    'tierwise_failed_requests_total 1',
    'tierwise_pending_requests 3',
    'tierwise_busy_workers 2',
    'tierwise_scheduled_answers_total{variant="d\\"3\\\\",outcome="on_time"} 8',
    'tierwise_scheduled_answers_total{variant="d\\"3\\\\",outcome="late"} 1',
    'tierwise_scheduled_drops_total{reason="refused"} 1',
    'tierwise_scheduled_drops_total{reason="given-up"} 0',
    'tierwise_effective_accuracy_percent 71.5',
    'tierwise_served_accuracy_percent 85',
    'tierwise_deadline_violations_percent 20',
    'tierwise_variant_switches_total 4',
    'tierwise_service_reserve_seconds 0.012',
    'tierwise_decision_seconds{quantile="0.99"} 0.0005',
    'tierwise_planned_service_seconds{variant="d\\"3\\\\"} 0.00106',
    'tierwise_scheduling_policy_info{policy="uniform-fit-drop"} 1',
  ]) {
    expect(lines).toContain(line)
  }
})

it('tells how the answers of a device turn out', () => {
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
  const text = metricsText({
    ready: true,
    ...counts,
    scheduling: undefined,
    answers: { escalations, accuracy },
  })
  const lines = text.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(LINE)
  for (const line of [
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

it('says nothing of scheduling before there is any', () => {
  const text = metricsText({ ready: false, ...counts, scheduling: undefined })
  expect(text).toContain('tierwise_ready 0\n')
  expect(text).not.toContain('accuracy')
})
