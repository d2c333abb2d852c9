import { pino } from 'pino'
import { expect, it, vi } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import { DecisionInForce } from './decision-in-force.ts'

const variant = (name: string, accuracyPercent: number) => ({
  name,
  accuracyPercent,
  file: '',
  precision: 'FP32' as const,
  accuracySource: '',
})
const point = { margin: 0.5, escalatedPercent: 20, accuracyPercent: 89 }
const catalogue = {
  variants: [variant('d3', 74.2), variant('d0', 89.9)],
  cascades: [
    { small: 'd3', large: 'd0', points: [point] },
    { small: 'd0', large: 'd3', points: [point] },
  ],
}
const decision: DeviceDecision = {
  session: 's1',
  epoch: 1,
  round: 3,
  device: 'device-1',
  placement: { tier: 'edge', variant: 'd3' },
  fallbackAccuracyPercent: 70,
}

const logger = pino({ level: 'silent' })
const common = {
  device: 'device-1',
  catalogue,
  held: { variants: [variant('d0', 89.9)] },
  first: { tier: 'end', variant: 'd0' } as const,
  logger,
}
function pushed(): DecisionInForce {
  const decisions = new DecisionInForce({ ...common, probeTimeoutMs: 100 })
  decisions.announce(decision)
  return decisions
}

it('follows the first placement before any decision', () => {
  expect(pushed().latest).toEqual({
    session: 'none',
    epoch: 0,
    round: 0,
    device: 'device-1',
    placement: { tier: 'end', variant: 'd0' },
    fallbackAccuracyPercent: 0,
  })
})

it('keeps the newest decision, also one of an earlier round of a new session', async () => {
  const newest = pushed()
  newest.accept(decision)
  expect(await newest.forRequest(100)).toBe(decision)
  const next = { ...decision, session: 's2', epoch: 2, round: 0 }
  newest.announce(next)
  newest.accept(next)
  expect(await newest.forRequest(100)).toBe(next)
})

it.each([
  [{ ...decision, device: 'device-2' }, 'device-2'],
  [{ ...decision, placement: { tier: 'end', variant: 'd9' } as const }, '"d9"'],
])('refuses what it cannot follow: %o', (wrong, named) => {
  const newest = pushed()
  newest.accept(decision)
  expect(() => newest.accept(wrong)).toThrow(named)
  expect(newest.latest).toBe(decision)
})

it('follows an escalation that the catalogue has measured and the device can begin and end', () => {
  const newest = pushed()
  const here = { tier: 'end', variant: 'd0' } as const
  const to = { tier: 'edge', variant: 'd3' } as const
  const escalating = { ...decision, placement: here, escalation: { to, margin: 0.5, share: 0.2 } }
  newest.accept(escalating)
  expect(newest.latest).toBe(escalating)
  const changed = (changes: object) => ({
    ...escalating,
    escalation: { ...escalating.escalation, ...changes },
  })
  for (const [wrong, named] of [
    [changed({ margin: 0.51 }), 'end/d0>edge/d3@0.51 is no point of a cascade'],
    [changed({ to: { tier: 'edge', variant: 'd9' } }), '"d9"'],
    [changed({ to: { tier: 'end', variant: 'd3' } }), 'd3, which device-1 does not hold'],
    [{ ...escalating, placement: to }, 'edge/d3>edge/d3@0.5 does not begin here'],
  ] as const) {
    expect(() => newest.accept(wrong)).toThrow(named)
  }
  expect(newest.latest).toBe(escalating)
})

/** Consults a list of answers, one for each question; after the last nobody answers. */
function consulting(answers: unknown[]) {
  const asked: [device: string, timeoutMs: number][] = []
  const consult = {
    async ask(device: string, timeoutMs: number) {
      asked.push([device, timeoutMs])
      const answer = answers[asked.length - 1]
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error('nobody')
      return answer
    },
    async close() {},
  }
  const options = { ...common, probeTimeoutMs: 70 }
  return { source: new DecisionInForce({ ...options, consult }), asked }
}

it('refuses a variant for here that the device does not hold', () => {
  const newest = pushed()
  const here = { ...decision, placement: { tier: 'end', variant: 'd3' } as const }
  expect(() => newest.accept(here)).toThrow('d3, which device-1 does not hold')
  newest.accept(decision)
  expect(newest.latest).toBe(decision)
})

it('asks for every request', async () => {
  const next = { ...decision, round: 4 }
  const { source, asked } = consulting([decision, next])
  expect(await source.forRequest(100)).toEqual(decision)
  expect(await source.forRequest(90)).toEqual(next)
  expect(asked).toEqual([
    ['device-1', 100],
    ['device-1', 90],
  ])
})

it.each([
  ['no answer', new Error('refused')],
  ['garbage', { round: 'x' }],
  ['null', null],
  ['another device', { ...decision, device: 'device-2' }],
])(
  'keeps the last decision after %s, and asks no more until the way is open again',
  async (_what, answer) => {
    vi.useFakeTimers()
    const again = { ...decision, round: 9 }
    const { source, asked } = consulting([decision, answer, again, again])
    await source.forRequest(100)
    expect(await source.forRequest(100)).toEqual(decision)
    expect(await source.forRequest(100)).toEqual(decision)
    expect(asked).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(100)
    expect(asked.at(-1)).toEqual(['device-1', 70])
    expect(await source.forRequest(100)).toEqual(again)
    await source.close()
    vi.useRealTimers()
  },
)
