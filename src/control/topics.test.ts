import { describe, expect, it } from 'vitest'
import { decisionOf, liveTelemetry, observationOf } from './control-plane.conformance.ts'
import { type MessageKind, schemas } from './messages.ts'
import { messageSubject, parseTopic, topicOf } from './topics.ts'

describe('topics', () => {
  it.each([
    ['telemetry', 'n', 'tw/telemetry/n'],
    ['observation', 'n', 'tw/observation/n'],
    ['label', 'n', 'tw/label/n'],
    ['goal', undefined, 'tw/goal'],
    ['decision', 'n', 'tw/decision/n'],
    ['jointDecision', undefined, 'tw/decision'],
    ['orchestrator', undefined, 'tw/orchestrator'],
  ] as const)('%s %s is %s, there and back', (kind, subject, topic) => {
    expect(topicOf('tw', kind, subject)).toBe(topic)
    expect(parseTopic('tw', topic)).toEqual(subject === undefined ? { kind } : { kind, subject })
  })

  it('reads a prefix of several levels', () => {
    expect(parseTopic('site/a', 'site/a/goal')).toEqual({ kind: 'goal' })
  })

  it.each([
    '',
    'tw',
    'tw/',
    'other/goal',
    'twice/goal',
    'tw/goal/x',
    'tw/telemetry',
    'tw/decision/a/b',
    'tw/unknown/x',
    'tw/telemetry/',
    'tw/telemetry/+',
    'tw/telemetry/a\u0000',
  ])('knows no "%s"', (topic) => {
    expect(parseTopic('tw', topic)).toBeUndefined()
  })

  it('takes the subject from the message', () => {
    expect(messageSubject('telemetry', liveTelemetry)).toBe('device-1')
    expect(messageSubject('observation', observationOf(1, 'd'))).toBe('d')
    expect(messageSubject('decision', decisionOf('e', 1))).toBe('e')
    expect(messageSubject('goal', { accuracyPercent: 1 })).toBeUndefined()
  })
})

describe('names in messages', () => {
  it.each(['a/b', 'a+', '#', '', '__proto__', '-a', 'a b', 'x'.repeat(129), 'a\u0000'])(
    'refuses "%s"',
    (device) => {
      expect(schemas.observation.safeParse(observationOf(1, device)).success).toBe(false)
    },
  )

  it.each(['device-1', 'S1', 'edge.lab_2', '7', 'x'.repeat(128)])('takes "%s"', (device) => {
    expect(schemas.observation.safeParse(observationOf(1, device)).success).toBe(true)
  })

  it('has a schema for every kind', () => {
    const kinds = Object.keys(schemas) as MessageKind[]
    for (const kind of kinds) expect(schemas[kind].safeParse(null).success).toBe(false)
  })
})
