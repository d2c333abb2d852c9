import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import { decisionOf, liveTelemetry, observationOf } from './control-plane.conformance.ts'
import { Inbox, MAX_PAYLOAD_BYTES } from './inbox.ts'
import type { MessageKind } from './messages.ts'

let nowMs: number
let lines: { msg: string; topic?: string; reason?: string; dropped?: number; what?: string }[]
let inbox: Inbox
const clock: Clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() }

beforeEach(() => {
  nowMs = 0
  lines = []
  const write = (line: string) => lines.push(JSON.parse(line))
  inbox = new Inbox('tw', clock, pino({ level: 'warn' }, { write }))
})

function receive(topic: string, message: unknown): void {
  inbox.receive(topic, Buffer.from(JSON.stringify(message)))
}

/** What comes for one listener. */
function heard(kind: MessageKind, subject?: string): unknown[] {
  const messages: unknown[] = []
  inbox.listen(kind, subject, (message) => messages.push(message))
  return messages
}

describe('a message', () => {
  it('reaches those who listen for its kind, and of them those of its subject or of all', () => {
    const [all, own, other] = [heard('decision'), heard('decision', 'a'), heard('decision', 'b')]
    const joint = heard('jointDecision')
    receive('tw/decision/a', decisionOf('a', 1))
    receive('tw/decision/c', decisionOf('c', 2))
    expect(all).toEqual([decisionOf('a', 1), decisionOf('c', 2)])
    expect(own).toEqual([decisionOf('a', 1)])
    expect(other).toEqual([])
    expect(joint).toEqual([])
    expect(inbox.dropped).toBe(0)
  })

  it('is not heard after the subscription ended, by others it is', () => {
    const [kept, ended]: [unknown[], unknown[]] = [[], []]
    inbox.listen('goal', undefined, (message) => kept.push(message))
    const end = inbox.listen('goal', undefined, (message) => ended.push(message))
    receive('tw/goal', { accuracyPercent: 80 })
    end()
    end()
    receive('tw/goal', { accuracyPercent: 85 })
    expect(ended).toEqual([{ accuracyPercent: 80 }])
    expect(kept).toHaveLength(2)
  })

  it('loses what its schema does not know', () => {
    const goals = heard('goal')
    receive('tw/goal', { accuracyPercent: 80, colour: 'red' })
    expect(goals).toEqual([{ accuracyPercent: 80 }])
  })

  it('that was cleared says nothing', () => {
    const telemetry = heard('telemetry')
    inbox.receive('tw/telemetry/device-1', new Uint8Array(0))
    expect(telemetry).toEqual([])
    expect(inbox.dropped).toBe(0)
  })

  it('reaches the others when one of those who listen throws', () => {
    inbox.listen('goal', undefined, () => {
      throw new Error('broken')
    })
    const goals = heard('goal')
    receive('tw/goal', { accuracyPercent: 80 })
    expect(goals).toHaveLength(1)
    expect(inbox.dropped).toBe(0)
    expect(lines).toMatchObject([{ msg: 'a fault: going on', what: 'handling goal' }])
  })
})

describe('what is dropped', () => {
  it.each([
    ['tw/goal', 'no JSON', /JSON/],
    ['tw/goal', '{"accuracyPercent":101}', /accuracyPercent/],
    ['tw/goal', '{}', /accuracyPercent/],
    ['tw/goal', 'null', /expected object/],
    ['tw/decision/b', JSON.stringify(decisionOf('a', 1)), /^the message is about a$/],
    ['tw/telemetry/a', JSON.stringify(liveTelemetry), /^the message is about device-1$/],
    [
      'tw/observation/a/b',
      JSON.stringify(observationOf(1, 'a')),
      /^no topic of this control plane$/,
    ],
    ['other/goal', '{"accuracyPercent":80}', /^no topic/],
  ])('of %s: %s', (topic, payload, reason) => {
    const all = (['telemetry', 'observation', 'goal', 'decision', 'jointDecision'] as const).map(
      (kind) => heard(kind),
    )
    inbox.receive(topic, Buffer.from(payload))
    expect(all.flat()).toEqual([])
    expect(inbox.dropped).toBe(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      topic,
      dropped: 1,
      msg: 'dropped a malformed control message',
    })
    expect(lines[0].reason).toMatch(reason)
  })

  it('has one byte more than a payload may have', () => {
    const goals = heard('goal')
    const json = JSON.stringify({ accuracyPercent: 80 })
    inbox.receive('tw/goal', Buffer.from(json.padEnd(MAX_PAYLOAD_BYTES)))
    expect(goals).toHaveLength(1)
    inbox.receive('tw/goal', Buffer.from(json.padEnd(MAX_PAYLOAD_BYTES + 1)))
    expect(goals).toHaveLength(1)
    expect(lines[0]).toMatchObject({ reason: '65537 bytes, over 65536' })
  })
})

describe('the log of what is dropped', () => {
  it('has one line a minute for each kind, with the count of all', () => {
    const logged = () => lines.splice(0).map(({ topic, dropped }) => [topic, dropped])
    for (let time = 0; time < 3; time++) receive('tw/goal', {})
    receive('tw/decision/a', {})
    expect(logged()).toEqual([
      ['tw/goal', 1],
      ['tw/decision/a', 4],
    ])
    nowMs = 59_999
    receive('tw/goal', {})
    expect(logged()).toEqual([])
    nowMs = 60_000
    receive('tw/goal', {})
    receive('nobody’s', {})
    receive('nobody’s either', {})
    expect(logged()).toEqual([
      ['tw/goal', 6],
      ['nobody’s', 7],
    ])
    expect(inbox.dropped).toBe(8)
  })

  it('has no more than the beginning of each', () => {
    receive(`tw/goal/${'x'.repeat(1000)}`, {})
    receive(`tw/decision/${'y'.repeat(128)}`, { [`z${'z'.repeat(1000)}`]: 1 })
    expect(lines.map(({ topic }) => topic?.length)).toEqual([200, 140])
    expect(lines.every(({ reason }) => (reason ?? '').length <= 500)).toBe(true)
  })
})
