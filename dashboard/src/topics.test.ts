import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { decode, encodeGoal, GOAL_TOPIC, SUBSCRIPTIONS } from './topics.ts'

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
}

const decision = {
  session: 's',
  epoch: 1,
  round: 3,
  device: 'device-1',
  placement: { tier: 'edge', variant: 'd0' },
  fallbackAccuracyPercent: 85,
}
const joint = {
  session: 's',
  round: 3,
  agent: 'hybrid',
  goalPercent: 85,
  placements: { 'device-1': 'edge/d0' },
  accuracyPercent: 89,
  progress: { realSteps: 3, plannedSteps: 12, updates: 1 },
  goalViolations: 0,
}

test('the topic says the kind', () => {
  const dead = { alive: false, node: 'edge', tier: 'edge' }
  expect(decode('tierwise/telemetry/edge', bytes(dead))).toEqual({
    kind: 'telemetry',
    message: dead,
  })
  expect(decode('tierwise/decision/device-1', bytes(decision))?.kind).toBe('decision')
  expect(decode('tierwise/decision', bytes(joint))?.kind).toBe('jointDecision')
  expect(decode('tierwise/goal', bytes({ accuracyPercent: 85 }))?.kind).toBe('goal')
})

test('a message of another kind than its topic is refused', () => {
  expect(decode('tierwise/decision', bytes(decision))).toBeUndefined()
  expect(decode('tierwise/decision/device-1', bytes(joint))).toBeUndefined()
  expect(decode('tierwise/observation/device-1', bytes(decision))).toBeUndefined()
  expect(decode('tierwise/decision/device-2', bytes(decision))).toBeUndefined()
})

test('unknown topics, broken JSON and wrong values are refused', () => {
  for (const topic of [
    'tierwise',
    'tierwise/telemetry',
    'tierwise/observation/',
    'tierwise/goal/device-1',
    'tierwise/decision/device-1/more',
    'other/goal',
    '',
  ]) {
    expect(decode(topic, bytes({ accuracyPercent: 85 })), topic).toBeUndefined()
  }
  expect(decode('tierwise/goal', bytes('{"accuracyPercent":'))).toBeUndefined()
  expect(decode('tierwise/goal', bytes(''))).toBeUndefined()
  expect(decode('tierwise/goal', bytes({ accuracyPercent: 101 }))).toBeUndefined()
  expect(decode('tierwise/goal', bytes({ accuracyPercent: '85' }))).toBeUndefined()
})

test('arbitrary bytes never throw', () => {
  const random = new Random(11)
  for (let trial = 0; trial < 500; trial++) {
    const payload = Uint8Array.from({ length: random.integer(40) }, () => random.integer(256))
    expect(decode(GOAL_TOPIC, payload)).toBeUndefined()
  }
})

test('the goal published is a goal received', () => {
  expect(decode(GOAL_TOPIC, bytes(encodeGoal(82.5)))).toEqual({
    kind: 'goal',
    message: { accuracyPercent: 82.5 },
  })
  expect(SUBSCRIPTIONS).toContain('tierwise/observation/+')
  expect(SUBSCRIPTIONS).toHaveLength(5)
})

test('a goal may put the fixed rule in force, or end it', () => {
  expect(encodeGoal(85)).toBe('{"accuracyPercent":85}')
  expect(encodeGoal(85, true)).toBe('{"accuracyPercent":85,"revert":true}')
  expect(encodeGoal(85, false)).toBe('{"accuracyPercent":85,"revert":false}')
})
