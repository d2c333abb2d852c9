import { expect, it } from 'vitest'
import { MAX_PAYLOAD_BYTES } from '../control/inbox.ts'
import { type JointDecision, schemas } from '../control/messages.ts'
import { summaryOf } from './joint-summary.ts'

/** The longest names that there are. */
const nameOf = (device: number) => `d${device}`.padEnd(128, 'x')

function jointOf(devices: number): JointDecision {
  const names = Array.from({ length: devices }, (_, device) => nameOf(device))
  const placements = Object.fromEntries(names.map((name) => [name, 'end/d3>edge/d0@0.5123']))
  return {
    session: 's1',
    round: 4,
    agent: 'hybrid',
    goalPercent: 85,
    placements,
    deviceGoals: Object.fromEntries(names.map((name) => [name, { goalPercent: 88 }])),
    accuracyPercent: 89.9,
    progress: { realSteps: 4, plannedSteps: 9, updates: 60 },
    goalViolations: 0,
    closed: {
      round: 3,
      agent: 'hybrid',
      goalPercent: 85,
      placements,
      responseTimesMs: Object.fromEntries(names.map((name) => [name, 93.25])),
      responseTimeMs: 93.25,
      accuracyPercent: 89.9,
      violated: false,
    },
  }
}

it('leaves a joint decision that one message holds as it is', () => {
  expect(summaryOf(jointOf(10))).toEqual(jointOf(10))
})

it.each([250, 1000, 2000])('lists as many of %i devices as fit, and counts the rest', (devices) => {
  const summary = summaryOf(jointOf(devices))
  const listed = Object.keys(summary.placements)
  expect(Buffer.byteLength(JSON.stringify(summary))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
  expect(listed.length).toBeGreaterThan(50)
  expect(listed.length + (summary.leftOut ?? 0)).toBe(devices)
  expect(Object.keys(summary.closed?.responseTimesMs ?? {})).toEqual(listed)
  expect(Object.keys(summary.deviceGoals ?? {})).toEqual(listed)
  expect(schemas.jointDecision.parse(summary)).toEqual(summary)
})
