import { expect, it } from 'vitest'
import { createLadder } from '../scheduling/ladder.ts'
import { type Job, Scheduler } from '../scheduling/scheduler.ts'
import { DecisionTimes } from './policy/decision-times.ts'
import { schedulingReport } from './scheduling-report.ts'

function scheduled() {
  const ladder = createLadder([
    { name: 'small', accuracyPercent: 60, serviceTimesMs: [10] },
    { name: 'large', accuracyPercent: 90, serviceTimesMs: [40] },
  ])
  const scheduler = new Scheduler({
    ladder,
    workers: 1,
    queueLimit: 4,
    margin: 1,
    recalibrate: false,
  })
  const serve = (deadlineMs: number, variant: number, finishedAtMs: number) => {
    scheduler.arrive({ deadlineMs, priority: 5, lowestVariant: 0 }, 0)
    const seen = scheduler.observe(0)
    if (seen === undefined) throw new Error('nothing to decide')
    scheduler.finish(scheduler.apply(seen.actions.serve(variant, 0), 0) as Job<never>, finishedAtMs)
  }
  return { scheduler, serve }
}

it('holds no NaN before the first request', () => {
  const { scheduler } = scheduled()
  const decisionTimes = new DecisionTimes()
  const policy = { name: 'smallest', reason: 'as the node was started', decisionTimes }
  const report = schedulingReport({ policy, scheduler })
  expect(report).toMatchObject({
    policy: 'smallest',
    requests: 0,
    effectiveAccuracyPercent: 0,
    servedAccuracyPercent: 0,
    violationPercent: 0,
    decisionMs: { p50: 0, p99: 0 },
  })
  expect(JSON.stringify(report)).not.toContain('null')
})

it('counts late answers and drops as violations', () => {
  const { scheduler, serve } = scheduled()
  serve(50, 1, 40)
  serve(50, 0, 10)
  serve(50, 0, 60)
  scheduler.arrive({ deadlineMs: 5, priority: 5, lowestVariant: 0 }, 0)
  const decisionTimes = new DecisionTimes()
  decisionTimes.note(0.25)
  const report = schedulingReport({
    policy: { name: 'smallest', reason: 'learned was given up: NaN', decisionTimes },
    scheduler,
  })
  // (90 + 60 + 0 + 0) / 4, (90 + 60) / 2, 2 of 4.
  expect(report).toEqual({
    policy: 'smallest',
    policyReason: 'learned was given up: NaN',
    requests: 4,
    queueDepth: 0,
    effectiveAccuracyPercent: 37.5,
    servedAccuracyPercent: 75,
    violationPercent: 50,
    withoutDeadline: { answered: 0, notServed: 0, late: 0, longestShare: 0 },
    late: 1,
    dropped: { 'queue-full': 0, refused: 1, expired: 0, 'given-up': 0, failed: 0 },
    switches: 1,
    decisionMs: { p50: 0.25, p99: 0.25 },
    batchSizes: [1],
    reserveMs: 0,
    variants: [
      {
        name: 'small',
        accuracyPercent: 60,
        profiledMs: 10,
        serviceTimesMs: [10],
        plannedMs: 10,
        softDeadlineMs: 200,
        onTime: 1,
        late: 1,
      },
      {
        name: 'large',
        accuracyPercent: 90,
        profiledMs: 40,
        serviceTimesMs: [40],
        plannedMs: 40,
        softDeadlineMs: 800,
        onTime: 1,
        late: 0,
      },
    ],
  })
})
