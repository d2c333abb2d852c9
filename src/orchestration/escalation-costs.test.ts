import { expect, it } from 'vitest'
import type { AnswerReport } from '../control/messages.ts'
import type { Choice } from '../fleet/choice.ts'
import { EscalationCosts } from './escalation-costs.ts'

const placement = { tier: 'end', variant: 'd3' } as const
const to = { tier: 'edge', variant: 'd0' } as const
const cascade: Choice = {
  placement,
  accuracyPercent: 92,
  escalation: { to, margin: 0.5, share: 0.2 },
}
const whole: Choice = { placement: to, accuracyPercent: 92.7 }

const report = (
  responseTimeMs: number,
  escalation?: AnswerReport['escalation'],
  changes: Partial<AnswerReport> = {},
): AnswerReport => ({
  device: 'device-1',
  session: 's',
  round: 0,
  decided: placement,
  served: placement,
  ...(escalation && { escalation }),
  accuracyPercent: 92,
  responseTimeMs,
  queueMs: 0,
  computeMs: 0,
  networkMs: 0,
  decisionMs: 0,
  failed: false,
  ...changes,
})
const sure = report(20, { escalated: false, margin: 0.9, firstMs: 19 })
const gone = (ms: number, changes: Partial<AnswerReport> = { served: to }) =>
  report(ms, { escalated: true, margin: 0.1, firstMs: 20 }, changes)

it('is first answer + share · second answer, whichever of the two happened', () => {
  const costs = new EscalationCosts()
  costs.hear(gone(120), cascade)
  // Second answer 100 ms; share (0.2 · 100 + 1) / 101.
  const share = 21 / 101
  expect(costs.expectedMs(gone(120), cascade)).toBeCloseTo(20 + share * 100, 9)
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + share * 100, 9)
  for (let answer = 0; answer < 99; answer++) costs.hear(sure, cascade)
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + (21 / 200) * 100, 9)
  costs.hear(gone(220), cascade)
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + (22 / 201) * 110, 9)
})

it('learns for each device by itself', () => {
  const costs = new EscalationCosts()
  costs.hear(gone(120), cascade)
  const other = { ...sure, device: 'device-2' }
  expect(costs.expectedMs(other, cascade)).toBe(20)
})

it('takes what the other place takes alone as long as nothing went there on, and what happened where nothing is known', () => {
  const costs = new EscalationCosts()
  expect(costs.expectedMs(gone(500), cascade)).toBe(500)
  costs.hear(report(60, undefined, { decided: to, served: to }), whole)
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + 0.2 * 60, 9)
  costs.hear(gone(120), cascade)
  costs.hear(report(60, undefined, { decided: to, served: to }), whole)
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + (21 / 101) * 100, 9)
})

it('is what happened where nothing escalates, or the answer was not judged', () => {
  const costs = new EscalationCosts()
  costs.hear(gone(120), cascade)
  expect(costs.expectedMs(report(77), cascade)).toBe(77)
  expect(costs.expectedMs(report(77), whole)).toBe(77)
})

it('follows a share that changes within some thousand answers, and learns nothing of failures', () => {
  const costs = new EscalationCosts()
  for (let answer = 0; answer < 20_000; answer++) costs.hear(sure, cascade)
  for (let answer = 0; answer < 6000; answer++) costs.hear(gone(120), cascade)
  const learnt = costs.expectedMs(sure, cascade)
  expect(learnt).toBeGreaterThan(20 + 90)
  costs.hear({ ...gone(9999), failed: true }, cascade)
  expect(costs.expectedMs(sure, cascade)).toBe(learnt)
})

it('does not take a quick refusal for a quick answer, and takes a long wait in vain for what it is', () => {
  const costs = new EscalationCosts()
  const refused = gone(21, {})
  expect(costs.becameOf(refused, cascade)).toBeUndefined()
  costs.hear(gone(120), cascade)
  costs.hear(refused, cascade)
  expect(costs.becameOf(refused, cascade)).toBeUndefined()
  // One answer, gone on; second answers take 100 ms.
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + (21 / 101) * 100, 9)
  const waited = gone(220, {})
  expect(costs.becameOf(waited, cascade)).toEqual({
    escalated: true,
    firstMs: 20,
    responseTimeMs: 220,
  })
  costs.hear(waited, cascade)
  expect(costs.expectedMs(sure, cascade)).toBeCloseTo(20 + (22 / 102) * 110, 9)
  expect(costs.becameOf(sure, cascade)).toEqual({
    escalated: false,
    firstMs: 19,
    responseTimeMs: 20,
  })
  expect(costs.becameOf(report(77), cascade)).toBeUndefined()
  expect(costs.becameOf({ ...sure, failed: true }, cascade)).toBeUndefined()
})
