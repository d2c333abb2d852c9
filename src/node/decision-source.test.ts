import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import { ConsultedDecision, NewestDecision } from './decision-source.ts'
import { TierHealth } from './tier-health.ts'

const variant = (name: string, accuracyPercent: number) => ({
  name,
  accuracyPercent,
  file: '',
  precision: 'FP32' as const,
  accuracySource: '',
})
const catalogue = { variants: [variant('d3', 74.2), variant('d0', 89.9)] }
const decision: DeviceDecision = {
  session: 's1',
  round: 3,
  device: 'device-1',
  placement: { tier: 'edge', variant: 'd3' },
  fallbackAccuracyPercent: 70,
}

it('serves the most accurate variant here before any decision', () => {
  expect(new NewestDecision('device-1', catalogue).forRequest()).toEqual({
    session: 'none',
    round: 0,
    device: 'device-1',
    placement: { tier: 'end', variant: 'd0' },
    fallbackAccuracyPercent: 0,
  })
})

it('keeps the newest decision, also one of an earlier round of a new session', () => {
  const newest = new NewestDecision('device-1', catalogue)
  newest.accept(decision)
  expect(newest.forRequest()).toBe(decision)
  const next = { ...decision, session: 's2', round: 0 }
  newest.accept(next)
  expect(newest.forRequest()).toBe(next)
})

it.each([
  [{ ...decision, device: 'device-2' }, 'device-2'],
  [{ ...decision, placement: { tier: 'end', variant: 'd9' } as const }, '"d9"'],
])('refuses what it cannot follow: %o', (wrong, named) => {
  const newest = new NewestDecision('device-1', catalogue)
  newest.accept(decision)
  expect(() => newest.accept(wrong)).toThrow(named)
  expect(newest.forRequest()).toBe(decision)
})

/** Consults a list of answers, one for each question. */
function consulting(answers: unknown[]) {
  let asked = 0
  const ask = async () => {
    const answer = answers[asked++]
    if (answer instanceof Error) throw answer
    return answer
  }
  const health = new TierHealth(async () => false)
  const newest = new NewestDecision('device-1', catalogue)
  const source = new ConsultedDecision(newest, ask, health, pino({ level: 'silent' }))
  return { source, health, asked: () => asked }
}

it('asks for every request', async () => {
  const next = { ...decision, round: 4 }
  const { source, asked, health } = consulting([decision, next])
  expect(await source.forRequest(100)).toEqual(decision)
  expect(await source.forRequest(100)).toEqual(next)
  expect([asked(), health.up]).toEqual([2, true])
})

it.each([
  ['no answer', new Error('refused')],
  ['garbage', { round: 'x' }],
  ['null', null],
  ['another device', { ...decision, device: 'device-2' }],
])(
  'keeps the last decision after %s, and asks no more while the way is down',
  async (_what, answer) => {
    const { source, asked, health } = consulting([decision, answer, { ...decision, round: 9 }])
    await source.forRequest(100)
    expect(await source.forRequest(100)).toEqual(decision)
    expect(health.up).toBe(false)
    expect(await source.forRequest(100)).toEqual(decision)
    expect(asked()).toBe(2)
    health.close()
  },
)
