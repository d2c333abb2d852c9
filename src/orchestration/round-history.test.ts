import { beforeEach, describe, expect, it } from 'vitest'
import type { AnswerReport } from '../control/messages.ts'
import type { Decision, Escalated, Problem } from '../learning/environment/environment.ts'
import { choices, SimulatedTime } from './fake-fleet.fixture.ts'
import { RoundHistory } from './round-history.ts'

const devices = ['one', 'two', 'three']
const problem: Problem = { devices: 3, choices, stateSize: 15, names: devices }
const [END, EDGE, CLOUD] = [0, 3, 4]
let clock: SimulatedTime
let history: RoundHistory
let rounds = 0

beforeEach(() => {
  clock = new SimulatedTime()
  history = new RoundHistory(clock)
  rounds = 0
})

/** A round begins now; its state tells which. */
function begin(decision: Decision, changed: Partial<{ problem: Problem }> = {}): void {
  const number = rounds++
  const state = { features: Float32Array.of(number), goalPercent: 80, available: [] }
  history.add({ number, problem, devices, state, decision, ...changed })
}

function answered(
  device: string,
  round: number,
  changes: Partial<AnswerReport> = {},
  became?: Omit<Escalated, 'responseTimeMs'>,
) {
  const report: AnswerReport = {
    device,
    session: 's',
    round,
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
  }
  const { responseTimeMs } = report
  return history.answerOf(report, became && { ...became, responseTimeMs })
}

describe('an answer', () => {
  it('has the state and decision of the round that it was sent under', async () => {
    begin([END, EDGE, CLOUD])
    await clock.advance(100)
    begin([EDGE, EDGE, EDGE])
    const answer = answered('one', 0)
    expect(answer).toEqual({
      state: { features: Float32Array.of(0), goalPercent: 80, available: [] },
      decision: [END, EDGE, CLOUD],
      device: 0,
      responseTimeMs: 20,
    })
  })

  it('of a failed request is no number', () => {
    begin([EDGE, EDGE, END])
    expect(answered('two', 0, { failed: true })?.responseTimeMs).toBeNaN()
  })

  it('is unknown where the device, the round or the fleet is', () => {
    begin([END, END, END])
    expect(answered('stranger', 0)).toBeUndefined()
    expect(answered('one', 9)).toBeUndefined()
    begin([END, END, END], { problem: { ...problem } })
    expect(answered('one', 0)).toBeUndefined()
    expect(answered('one', 1)).toBeDefined()
  })

  it('is remembered for 64 rounds', () => {
    for (let round = 0; round < 65; round++) begin([END, END, END])
    expect(answered('one', 0)).toBeUndefined()
    expect(answered('one', 1)).toBeDefined()
  })
})

describe('the users of its node', () => {
  it('are those of the rounds that it was served in, by how long', async () => {
    begin([EDGE, EDGE, EDGE]) // 3 at the edge from 0 ms
    await clock.advance(100)
    begin([EDGE, END, END]) // 1 from 100 ms
    await clock.advance(60)
    // From 60 to 160 ms: 40 ms with 3 users, 60 ms with 1.
    expect(answered('one', 0, { responseTimeMs: 100 })?.users).toBeCloseTo(1.8)
    // From 110 ms on: the round after its own alone.
    expect(answered('two', 0, { responseTimeMs: 50 })?.users).toBe(1)
  })

  it('are not told where they are as decided, or where the device served itself', async () => {
    begin([EDGE, EDGE, END])
    await clock.advance(100)
    begin([EDGE, END, EDGE])
    await clock.advance(20)
    expect(answered('one', 1, { responseTimeMs: 120 })?.users).toBeUndefined()
    expect(answered('three', 0, { responseTimeMs: 120 })?.users).toBeUndefined()
  })

  it('are at least the request itself', async () => {
    begin([CLOUD, END, END])
    await clock.advance(10)
    begin([END, END, END])
    await clock.advance(30)
    expect(answered('one', 0, { responseTimeMs: 25 })?.users).toBeUndefined()
  })

  it('count at the edge of the device alone', () => {
    // stateSize 3 * (3 + 2 + 1): two edges, devices dealt out in turn: one and three at the first.
    const two = { ...problem, stateSize: 18 }
    begin([EDGE, EDGE, EDGE], { problem: two })
    expect(answered('one', 0)?.users).toBeUndefined()
    begin([END, EDGE, EDGE], { problem: two })
    expect(answered('two', 1)?.users).toBeUndefined()
  })
})

describe('an answer under a decision that escalates', () => {
  const to = { tier: 'edge', variant: 'd0' } as const
  const escalating = {
    placement: { tier: 'end', variant: 'd7' },
    accuracyPercent: 88,
    escalation: { to, margin: 0.5, share: 0.25 },
  } as const
  const all = { ...problem, choices: [...choices, escalating] }
  const CASCADE = choices.length
  const became = (escalated: boolean) => ({ escalated, firstMs: 20 })

  it('tells whether it went on, and what the first one took', () => {
    begin([CASCADE, END, END], { problem: all })
    expect(answered('one', 0, { responseTimeMs: 90 }, became(true))).toMatchObject({
      responseTimeMs: 90,
      escalated: true,
      firstMs: 20,
    })
    expect(answered('one', 0, {}, became(false))).toMatchObject({ escalated: false })
  })

  it('is nothing to learn from where it does not tell what escalating takes', () => {
    begin([CASCADE, END, END], { problem: all })
    expect(answered('one', 0)).toBeUndefined()
    expect(answered('one', 0, { failed: true })?.responseTimeMs).toBeNaN()
  })

  it('met the share of what others escalate, while it was away itself', async () => {
    begin([CASCADE, CASCADE, EDGE], { problem: all })
    await clock.advance(100)
    begin([CASCADE, END, END], { problem: all })
    await clock.advance(30)
    // Away from 70 to 130 ms: 30 ms with itself, 0.25 and 1, then 30 ms alone.
    const answer = answered('one', 0, { responseTimeMs: 80 }, became(true))
    expect(answer?.users).toBeCloseTo((2.25 + 1) / 2, 9)
    const sure = answered('one', 0, { responseTimeMs: 80 }, became(false))
    expect(sure?.users).toBeUndefined()
    // A whole offload finds 0.5 of the two that escalate beside itself.
    begin([CASCADE, CASCADE, EDGE], { problem: all })
    await clock.advance(50)
    begin([CASCADE, EDGE, EDGE], { problem: all })
    await clock.advance(50)
    expect(answered('three', 2, { responseTimeMs: 100 })?.users).toBeCloseTo((1.5 + 2.25) / 2, 9)
  })
})
