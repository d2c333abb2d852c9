import { describe, expect, it, test } from 'vitest'
import { createLadder } from '../../scheduling/ladder.ts'
import type { SchedulingReport } from '../../serving/scheduling-report.ts'
import { type LiveRun, liveOutcome } from './live-outcome.ts'
import type { Answer } from './open-loop.ts'

const ladder = createLadder([
  { name: 'd3', accuracyPercent: 60, serviceTimesMs: [10] },
  { name: 'd0', accuracyPercent: 90, serviceTimesMs: [40] },
])

function report(changes: Partial<SchedulingReport>): SchedulingReport {
  return {
    policy: 'smallest',
    policyReason: 'from policy.json',
    requests: 0,
    queueDepth: 0,
    effectiveAccuracyPercent: 0,
    servedAccuracyPercent: 0,
    violationPercent: 0,
    late: 0,
    dropped: { 'queue-full': 0, refused: 0, expired: 0, 'given-up': 0, failed: 0 },
    switches: 0,
    withoutDeadline: { answered: 0, notServed: 0, late: 0, longestShare: 0 },
    decisionMs: { p50: 0.001, p99: 0.002 },
    batchSizes: [1],
    reserveMs: 0,
    variants: [],
    ...changes,
  }
}

const answer = (intendedMs: number, responseTimeMs: number, variant = 'd0', lagMs = 1): Answer => {
  const served = { variant, tier: 'edge', accuracyPercent: Number.NaN }
  return { intendedMs, responseTimeMs, lagMs, outcome: { kind: 'answered', ...served } }
}

function outcomeOf(answers: readonly Answer[], run: Partial<LiveRun> = {}) {
  return liveOutcome({
    policy: 'smallest',
    ladder,
    deadlineMs: 100,
    answers,
    durationMs: 60_000,
    clientProcessorPercent: 7,
    before: report({ switches: 3 }),
    after: report({ switches: 8, policy: 'uniform-fit-drop' }),
    ...run,
  })
}

describe('a live outcome', () => {
  it('counts what the client saw: what is late for it is late', () => {
    const outcome = outcomeOf([
      answer(0, 40),
      answer(10, 100),
      answer(20, 101, 'd0', 3),
      answer(30, 20, 'd3'),
      { ...answer(40, 2), outcome: { kind: 'dropped', reason: 'refused' } },
      { ...answer(50, 5000), outcome: { kind: 'failed', reason: 'HeadersTimeoutError' } },
      { ...answer(60, 0), lagMs: undefined, outcome: { kind: 'failed', reason: 'not sent' } },
      answer(70, 20, 'other'),
    ])
    expect(outcome).toMatchObject({
      policy: 'smallest',
      // (90 + 90 + 60) / 8, / 3; 5 of 8.
      effectiveAccuracyPercent: 30,
      servedAccuracyPercent: 80,
      violationPercent: 62.5,
      late: 1,
      dropped: { refused: 1, failed: 3 },
      unanswered: { HeadersTimeoutError: 1, 'not sent': 1, 'by an unknown variant': 1 },
      onTime: { d3: 1, d0: 2 },
      switches: 5,
      policyAtEnd: 'uniform-fit-drop',
      clientLagMs: { p50: 1, max: 3 },
    })
    expect(outcome).not.toHaveProperty('recoveryMs')
    expect(outcome.timeline.reduce((sum, { violations }) => sum + violations, 0)).toBe(5)
  })
})

test('an answer by a variant that only a device has counts with the accuracy that it tells', () => {
  const outcome = { kind: 'answered', variant: 'd5', tier: 'end', accuracyPercent: 80 } as const
  const { onTime, unanswered, ...rest } = outcomeOf([answer(0, 40), { ...answer(10, 40), outcome }])
  expect(onTime).toEqual({ d3: 0, d0: 1, d5: 1 })
  expect(unanswered).toEqual({})
  expect(rest.effectiveAccuracyPercent).toBe(85)
})

describe('recovery', () => {
  const burst = { fromMs: 10_000, toMs: 20_000 }
  /** A request every 100 ms for 30 s, answered by d0 unless said otherwise. */
  const every100Ms = (variantAt: (atMs: number) => string) =>
    Array.from({ length: 300 }, (_, index) => answer(100 * index, 40, variantAt(100 * index)))

  it('is at once where all is well when the burst ends', () => {
    const answers = every100Ms((atMs) => (atMs >= 10_000 && atMs < 20_000 ? 'd3' : 'd0'))
    expect(outcomeOf(answers, { burst }).recoveryMs).toBe(0)
  })

  it('is when two seconds in a row are as good as before', () => {
    const answers = every100Ms((atMs) => (atMs >= 10_000 && atMs < 21_500 ? 'd3' : 'd0'))
    expect(outcomeOf(answers, { burst }).recoveryMs).toBe(1500)
  })

  it('may be never', () => {
    const answers = every100Ms((atMs) => (atMs >= 10_000 ? 'd3' : 'd0'))
    expect(outcomeOf(answers, { burst }).recoveryMs).toBeNull()
  })
})
