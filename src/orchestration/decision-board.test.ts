import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ControlPlane } from '../control/control-plane.ts'
import type { AnswerReport, ClosedRound, JointDecision } from '../control/messages.ts'
import { schemas } from '../control/messages.ts'
import type { Answer, Decision, Problem } from '../learning/environment/environment.ts'
import { DecisionBoard, type Proposal } from './decision-board.ts'
import { choices, SimulatedTime } from './fake-fleet.fixture.ts'
import { GoalGovernor } from './goal-governor.ts'
import { OvertakenError } from './round.ts'

const SESSION = 'now'
const TIMEOUT_MS = 100
const [END_D0, END_D4, EDGE, CLOUD] = [0, 1, 3, 4] as const
const devices = ['one', 'two']
const problem: Problem = { devices: 2, choices, stateSize: 12, names: devices }
const ALL = choices.map(() => true)
const ONLY_D7 = choices.map((_, choice) => choice > 1)

let clock: SimulatedTime
let board: DecisionBoard
let governor: GoalGovernor
/** All that was said since the start, oldest first. */
let published: { kind: string; message: unknown }[]
let answers: Answer[]
let closed: ClosedRound[]
let warnings: string[]

const control = {
  publish: (kind: string, message: unknown) => {
    published.push({ kind, message: structuredClone(message) })
    return Promise.resolve()
  },
} as unknown as ControlPlane

beforeEach(() => {
  clock = new SimulatedTime()
  governor = new GoalGovernor(clock)
  published = []
  answers = []
  closed = []
  warnings = []
  board = new DecisionBoard({
    standing: { session: SESSION, epoch: 5, firstRound: 0 },
    control,
    roundTimeoutMs: TIMEOUT_MS,
    clock,
    logger: pino({ level: 'warn' }, { write: (line: string) => warnings.push(line) }),
    governor,
    onAnswer: (answer) => answers.push(answer),
    onClosed: (round) => closed.push(round),
    answers: () => ({ heard: answers.length, dropped: 0 }),
  })
})

function proposal(decision: Decision, changes: Partial<Proposal> = {}): Proposal {
  return {
    problem,
    devices,
    state: { features: new Float32Array(12), goalPercent: 85, available: [ALL, ALL] },
    serving: [ALL, ALL],
    decision,
    goalPercent: 85,
    deviceGoals: {},
    agent: 'hybrid',
    note: { progress: { realSteps: 1, plannedSteps: 2, updates: 3 } },
    ...changes,
  }
}

/** Applies a decision of which nobody waits for the result. */
function announce(proposed: Proposal): void {
  board.apply(proposed).catch(() => {})
}

/** A device answers as it was told. */
function report(device: string, changes: Partial<AnswerReport> = {}): void {
  const decision = board.currentDecision(device)
  const placement = decision?.placement ?? { tier: 'end', variant: 'd0' }
  board.hear({
    device,
    session: SESSION,
    round: decision?.round ?? 0,
    decided: placement,
    served: placement,
    accuracyPercent: 89.9,
    responseTimeMs: 20,
    queueMs: 0,
    computeMs: 20,
    networkMs: 0,
    decisionMs: 0,
    failed: false,
    ...changes,
  })
}

function lastJoint(): JointDecision {
  return schemas.jointDecision.parse(
    published.findLast(({ kind }) => kind === 'jointDecision')?.message,
  )
}

describe('what a board publishes', () => {
  it('is each device’s decision, with the worst that it may fall back to, then the joint one', () => {
    announce(proposal([EDGE, END_D4]))
    const session = SESSION
    expect(published.map(({ kind }) => kind)).toEqual(['decision', 'decision', 'jointDecision'])
    // 89.90 and 88.90 are 8.80 above twice the goal: all of it may be lost by the one that asks the edge.
    expect(published[0].message).toEqual({
      session,
      epoch: 5,
      round: 0,
      device: 'one',
      placement: { tier: 'edge', variant: 'd0' },
      fallbackAccuracyPercent: 81.1,
    })
    expect(board.currentDecision('one')).toEqual(published[0].message)
    expect(board.currentDecision('two')).toMatchObject({ fallbackAccuracyPercent: 88.9 })
    expect(board.currentDecision('three')).toBeUndefined()
    expect(lastJoint()).toEqual({
      session,
      epoch: 5,
      round: 0,
      agent: 'hybrid',
      goalPercent: 85,
      placements: { one: 'edge/d0', two: 'end/d4' },
      accuracyPercent: 89.4,
      progress: { realSteps: 1, plannedSteps: 2, updates: 3 },
      goalViolations: 0,
      answers: { heard: 0, dropped: 0 },
    })
  })

  it('numbers rounds in one session', async () => {
    for (const number of [0, 1, 2]) {
      const applied = board.apply(proposal([END_D0, END_D0]))
      expect(lastJoint().round).toBe(number)
      for (const device of devices) report(device)
      await applied
    }
  })

  it('tells of a raised goal and of a fixed rule only while there is one', () => {
    const { state } = proposal([END_D0, END_D0])
    const raised = { state: { ...state, goalPercent: 86.5 } }
    const revert = { rule: 'fixed:end/d0', reason: 'asked' }
    announce(proposal([END_D0, END_D0], { ...raised, revert }))
    expect(lastJoint()).toMatchObject({ goalPercent: 85, raisedGoalPercent: 86.5, revert })
    announce(proposal([END_D0, END_D0]))
    expect(lastJoint()).not.toHaveProperty('raisedGoalPercent')
    expect(lastJoint()).not.toHaveProperty('revert')
  })

  it('warns of fallbacks that break the goal once, and again when it comes back', () => {
    const risky = proposal([CLOUD, CLOUD], { serving: [ONLY_D7, ALL] })
    announce(risky)
    announce(risky)
    expect(warnings).toHaveLength(1)
    expect(lastJoint().fallbackRisk).toMatch(/^the goal of 85 % breaks if requests of one fall/)
    announce(proposal([END_D0, END_D0]))
    expect(lastJoint()).not.toHaveProperty('fallbackRisk')
    announce(risky)
    expect(warnings).toHaveLength(2)
  })
})

describe('a closed round', () => {
  it('is what the next joint decision tells of the one before', async () => {
    const applied = board.apply(proposal([EDGE, END_D4]))
    report('two', { responseTimeMs: 30, accuracyPercent: 88.9 })
    report('one', { responseTimeMs: 50 })
    expect(await applied).toMatchObject({
      responseTimesMs: [50, 30],
      accuracyPercent: [89.9, 88.9],
      silent: [],
    })
    announce(proposal([END_D0, END_D0]))
    expect(lastJoint().closed).toEqual({
      round: 0,
      agent: 'hybrid',
      goalPercent: 85,
      placements: { one: 'edge/d0', two: 'end/d4' },
      responseTimesMs: { one: 50, two: 30 },
      responseTimeMs: 40,
      accuracyPercent: 89.4,
      violated: false,
    })
    expect(closed).toEqual([lastJoint().closed])
    expect(board.counts).toMatchObject({ closedRounds: 1, goalViolations: 0 })
  })

  it('breaks the goal by what was served, and raises what comes next', async () => {
    const applied = board.apply(proposal([EDGE, EDGE]))
    for (const device of devices) report(device, { accuracyPercent: 72.8 })
    await applied
    expect(board.counts.goalViolations).toBe(1)
    expect(closed[0]).toMatchObject({ violated: true, accuracyPercent: 72.8 })
    // 12.2 are owed: over ten rounds 1.22 each, in steps of a half.
    expect(governor.raised(85, 100, 2)).toBe(86.5)
    announce(proposal([END_D0, END_D0]))
    expect(lastJoint().goalViolations).toBe(1)
  })

  it('takes a failed request for one as long as a round, of the accuracy decided', async () => {
    const applied = board.apply(proposal([END_D4, END_D0]))
    report('one', { failed: true, accuracyPercent: 0, responseTimeMs: 3 })
    report('two')
    expect(await applied).toMatchObject({
      responseTimesMs: [TIMEOUT_MS, 20],
      accuracyPercent: [88.9, 89.9],
    })
  })

  it('does not wait again for a device that was silent, until it is heard', async () => {
    const first = board.apply(proposal([END_D0, END_D0]))
    report('one')
    await clock.advance(TIMEOUT_MS)
    expect(await first).toMatchObject({ responseTimesMs: [20, Number.NaN], silent: ['two'] })
    expect(board.counts.missingAnswers).toBe(1)
    expect(closed[0]).toMatchObject({ responseTimesMs: { one: 20 }, responseTimeMs: 20 })

    const second = board.apply(proposal([END_D0, END_D0]))
    report('one')
    expect((await second).silent).toEqual(['two'])
    expect(board.counts.missingAnswers).toBe(2)

    report('two')
    const third = board.apply(proposal([END_D0, END_D0]))
    report('one')
    report('two', { responseTimeMs: 70 })
    expect((await third).responseTimesMs).toEqual([20, 70])
  })
})

it('waits for all of a fleet of which none was heard lately', async () => {
  const names = ['one', 'two', 'three']
  const available = [ALL, ALL, ALL]
  const { state } = proposal([])
  const whole = { devices: 3, choices, stateSize: 15, names }
  const first = board.apply(
    proposal([END_D0, END_D0, END_D0], {
      problem: whole,
      devices: names,
      state: { ...state, available },
    }),
  )
  report('one')
  await clock.advance(TIMEOUT_MS)
  expect((await first).silent).toEqual(['two', 'three'])
  const second = board.apply(proposal([END_D0, END_D0], { devices: ['two', 'three'] }))
  report('two', { responseTimeMs: 30 })
  report('three', { responseTimeMs: 40 })
  expect((await second).responseTimesMs).toEqual([30, 40])
})

describe('a round without a result', () => {
  it('is overtaken by the next, whose devices it leaves under its own decision till then', async () => {
    const first = board.apply(proposal([END_D0, END_D0]))
    const second = board.apply(proposal([EDGE, EDGE]))
    await expect(first).rejects.toThrow(OvertakenError)
    await expect(first).rejects.toThrow('round 0 has no result: another decision took its place')
    for (const device of devices) report(device)
    await second
    expect(board.counts.closedRounds).toBe(1)
  })

  it('hands what it had heard to the agent as single answers', async () => {
    const applied = board.apply(proposal([END_D0, END_D4]))
    report('two', { responseTimeMs: 33 })
    expect(answers).toEqual([])
    board.abandon('the goal changed')
    await expect(applied).rejects.toThrow('the goal changed')
    expect(answers).toMatchObject([{ device: 1, responseTimeMs: 33, decision: [END_D0, END_D4] }])
    expect(board.currentDecision('two')).toMatchObject({ round: 0 })
  })

  it('is none where no round is open', () => {
    board.abandon('nothing to lose')
    expect(answers).toEqual([])
  })
})

describe('single answers', () => {
  it('are those beyond the first of each device', async () => {
    const applied = board.apply(proposal([END_D0, END_D4]))
    report('one')
    report('one', { responseTimeMs: 25 })
    report('two')
    await applied
    report('two', { responseTimeMs: 35 })
    expect(answers.map(({ device, responseTimeMs }) => [device, responseTimeMs])).toEqual([
      [0, 25],
      [1, 35],
    ])
  })

  it('are all of a round that no agent decided', async () => {
    const applied = board.apply(proposal([END_D0, END_D4], { byRule: true, agent: 'fixed:end/d0' }))
    for (const device of devices) report(device)
    await applied
    expect(answers.map(({ device }) => device)).toEqual([0, 1])
    expect(closed[0]).toMatchObject({ byRule: true, agent: 'fixed:end/d0' })
  })

  it('are not heard of another session, an unknown round or a stranger, but counted', () => {
    announce(proposal([END_D0, END_D0]))
    report('one', { session: 'earlier' })
    report('one', { round: 99 })
    report('stranger')
    expect(answers).toEqual([])
    expect(board.counts.ignoredReports).toBe(3)
  })
})

describe('a decision that escalates', () => {
  const to = { tier: 'edge', variant: 'd0' } as const
  const escalation = { to, margin: 0.51, share: 0.2 }
  const cascade = { placement: { tier: 'end', variant: 'd7' } as const, accuracyPercent: 89 }
  const all: Problem = { ...problem, choices: [...choices, { ...cascade, escalation }] }
  const CASCADE = choices.length
  const available = [
    [...ALL, true],
    [...ALL, true],
  ]
  const state = { features: new Float32Array(12), goalPercent: 85, available }

  it('tells the device all of it, and the fleet in short', () => {
    announce(proposal([CASCADE, END_D0], { problem: all, state }))
    expect(board.currentDecision('one')).toMatchObject({ placement: cascade.placement, escalation })
    expect(board.currentDecision('two')).not.toHaveProperty('escalation')
    expect(lastJoint()).toMatchObject({
      placements: { one: 'end/d7>edge/d0@0.51', two: 'end/d0' },
      accuracyPercent: (89 + 89.9) / 2,
    })
    expect(schemas.decision.safeParse(board.currentDecision('one')).success).toBe(true)
  })

  it('costs a round what is expected of it, and tells the agent what happened', async () => {
    const round = board.apply(proposal([CASCADE, END_D0], { problem: all, state }))
    const judged = (escalated: boolean, firstMs: number) => ({ escalated, margin: 0.4, firstMs })
    const seen = { accuracyPercent: 89, responseTimeMs: 120 }
    report('one', { ...seen, served: to, escalation: judged(true, 20) })
    report('one', { ...seen, responseTimeMs: 22, escalation: judged(false, 22) })
    report('two', { responseTimeMs: 30 })
    const { responseTimesMs, accuracyPercent, escalations } = await round
    expect(escalations).toEqual([{ escalated: true, firstMs: 20, responseTimeMs: 120 }, undefined])
    // Second answer 100 ms; believed share (0.2 · 100 + 1) / 102 after two answers.
    expect(responseTimesMs).toEqual([20 + (21 / 102) * 100, 30])
    expect(accuracyPercent).toEqual([89, 89.9])
    expect(answers).toMatchObject([{ responseTimeMs: 22, escalated: false, firstMs: 22 }])
  })
})

describe('labels', () => {
  const label = (correct: boolean, changes = {}) =>
    board.hearLabel({ device: 'one', session: SESSION, round: 0, correct, ...changes })

  it('are counted for the fleet, and tell the agent whether its choice was right', () => {
    announce(proposal([END_D0, EDGE]))
    expect(lastJoint()).not.toHaveProperty('measured')
    label(true)
    label(false)
    expect(answers).toMatchObject([
      { decision: [END_D0, EDGE], device: 0, correct: true },
      { decision: [END_D0, EDGE], device: 0, correct: false },
    ])
    expect(answers.every(({ responseTimeMs }) => Number.isNaN(responseTimeMs))).toBe(true)
    announce(proposal([END_D0, EDGE]))
    expect(lastJoint().measured).toEqual({ labelled: 2, right: 1 })
  })

  it('of another session are ignored, of a forgotten round only counted', () => {
    announce(proposal([END_D0, EDGE]))
    label(true, { session: 'other' })
    expect(board.counts.ignoredReports).toBe(1)
    label(true, { round: 99 })
    label(true, { device: 'stranger' })
    expect(answers).toEqual([])
    announce(proposal([END_D0, EDGE]))
    expect(lastJoint().measured).toEqual({ labelled: 2, right: 2 })
  })
})
