import { beforeEach, describe, expect, it } from 'vitest'
import type { AnswerReport } from '../control/messages.ts'
import { EscalationCosts } from './escalation-costs.ts'
import { choices, SimulatedTime } from './fake-fleet.fixture.ts'
import { OvertakenError, Round } from './round.ts'

const decided = choices.slice(0, 2) // end/d0 89.9, end/d4 88.9
let clock: SimulatedTime
const costs = new EscalationCosts()
let round: Round

beforeEach(() => {
  clock = new SimulatedTime()
  const devices = ['one', 'two']
  round = new Round({
    session: 's',
    number: 4,
    devices,
    decided,
    awaited: devices,
    timeoutMs: 100,
    costs,
    clock,
  })
})

const report = (device: string, changes: Partial<AnswerReport> = {}): AnswerReport => ({
  device,
  session: 's',
  round: 4,
  decided: { tier: 'end', variant: 'd0' },
  served: { tier: 'end', variant: 'd0' },
  accuracyPercent: 89.9,
  responseTimeMs: 20,
  queueMs: 0,
  computeMs: 20,
  networkMs: 0,
  decisionMs: 0,
  failed: false,
  ...changes,
})

/** Whether the promise has a result, now that everything that could run has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  void promise.then(() => {
    isSettled = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return isSettled
}

describe('a round', () => {
  it('closes with the last device, in the order of its devices', async () => {
    round.add(report('two', { responseTimeMs: 7, accuracyPercent: 88.9 }))
    round.add(report('one'))
    expect(await round.closed).toEqual({
      responseTimesMs: [20, 7],
      accuracyPercent: [89.9, 88.9],
      escalations: [undefined, undefined],
      silent: [],
    })
  })

  it('takes the first report of each device and no other', async () => {
    expect(round.add(report('one'))).toEqual([])
    for (const other of [
      report('one', { responseTimeMs: 999 }),
      report('stranger'),
      report('two', { session: 'other' }),
      report('two', { round: 5 }),
    ]) {
      expect(round.add(other)).toEqual([other])
    }
    expect(round.add(report('two'))).toEqual([])
    expect(round.add(report('two'))).toEqual([report('two')])
    expect((await round.closed).responseTimesMs).toEqual([20, 20])
  })

  it('starts over when a device shows that it was still under an earlier decision', async () => {
    const first = report('one', { responseTimeMs: 999 })
    round.add(first)
    const late = report('two', { round: 3 })
    expect(round.add(late)).toEqual([first, late])
    round.add(report('stranger', { round: 3 }))
    round.add(report('two', { responseTimeMs: 5 }))
    round.add(report('one', { responseTimeMs: 6 }))
    expect((await round.closed).responseTimesMs).toEqual([6, 5])
  })

  it('keeps its time-out when it starts over', async () => {
    round.add(report('one'))
    await clock.advance(60)
    round.add(report('two', { round: 3 }))
    round.add(report('one', { responseTimeMs: 30 }))
    await clock.advance(40)
    expect(await round.closed).toMatchObject({ responseTimesMs: [30, Number.NaN], silent: ['two'] })
  })
})

describe('a round without all its answers', () => {
  it('waits for ever for the first answer, and for the time-out after it', async () => {
    await clock.advance(10_000)
    round.add(report('two'))
    await clock.advance(99)
    expect(await settled(round.closed)).toBe(false)
    await clock.advance(1)
    expect(await round.closed).toMatchObject({
      responseTimesMs: [Number.NaN, 20],
      accuracyPercent: [89.9, 89.9],
      silent: ['one'],
    })
    expect(round.add(report('one'))).toEqual([report('one')])
  })

  it('stays open when its time is over and all that it heard was to be reported anew', async () => {
    round.add(report('one'))
    round.add(report('two', { round: 3 }))
    await clock.advance(100)
    expect(await settled(round.closed)).toBe(false)
    round.add(report('one', { responseTimeMs: 30 }))
    await clock.advance(100)
    expect(await round.closed).toMatchObject({ responseTimesMs: [30, Number.NaN] })
  })

  it('does not wait for a device that it is not to wait for, but counts it if it answers', async () => {
    const options = {
      session: 's',
      number: 4,
      devices: ['one', 'two'],
      decided,
      timeoutMs: 100,
      costs,
    }
    const quick = new Round({ ...options, awaited: ['one'], clock })
    quick.add(report('one'))
    expect(await quick.closed).toMatchObject({
      responseTimesMs: [20, Number.NaN],
      silent: ['two'],
    })
    const both = new Round({ ...options, awaited: ['one'], clock })
    both.add(report('two', { responseTimeMs: 8 }))
    both.add(report('one'))
    expect(await both.closed).toMatchObject({ responseTimesMs: [20, 8], silent: [] })
  })
})

describe('a round that does not go well', () => {
  it('gives a failed request the time-out', async () => {
    round.add(report('one', { failed: true, responseTimeMs: 1, accuracyPercent: 0 }))
    round.add(report('two', { accuracyPercent: 88.9 }))
    expect(await round.closed).toEqual({
      responseTimesMs: [100, 20],
      accuracyPercent: [89.9, 88.9],
      escalations: [undefined, undefined],
      silent: [],
    })
  })

  it('has no result once it is abandoned, and keeps it once it has one', async () => {
    round.add(report('one'))
    expect(round.abandon('the goal is now 89 %')).toEqual([report('one')])
    await expect(round.closed).rejects.toThrow(OvertakenError)
    await expect(round.closed).rejects.toThrow(/round 4 .*89 %/)
    await clock.advance(1000)
    const other = new Round({
      session: 's',
      number: 4,
      devices: ['one'],
      decided,
      awaited: ['one'],
      timeoutMs: 1,
      costs,
      clock,
    })
    other.add(report('one'))
    other.abandon('too late')
    expect((await other.closed).responseTimesMs).toEqual([20])
  })
})
