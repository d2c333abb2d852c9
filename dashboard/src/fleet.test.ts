import { expect, test } from 'vitest'
import type { AnswerReport, JointDecision, Telemetry } from '../../src/control/messages.ts'
import {
  answersTold,
  deviceNames,
  emptyFleet,
  type FleetView,
  headline,
  nodesOf,
  reduce,
  variantOfPage,
} from './fleet.ts'
import type { Received } from './topics.ts'

function live(node: string, tier: 'end' | 'edge' | 'cloud', change = {}): Received {
  const message: Telemetry = {
    alive: true,
    node,
    tier,
    url: 'http://127.0.0.1:8000',
    ready: true,
    variants: [{ name: 'd0', serviceTimeMs: 93 }],
    state: { processor: 0, memory: 0, bandwidth: 1 },
    measured: { backgroundProcessorPercent: 1, memoryUsedPercent: 40, roundTripMs: 41 },
    service: { requests: 10, failedRequests: 0, queueDepth: 2 },
    ...change,
  }
  return { kind: 'telemetry', message }
}

function answered(device: string, responseTimeMs: number, change = {}): Received {
  const message: AnswerReport = {
    device,
    session: 'one',
    round: 1,
    decided: { tier: 'edge', variant: 'd0' },
    served: { tier: 'edge', variant: 'd0' },
    accuracyPercent: 89.9,
    responseTimeMs,
    queueMs: 1,
    computeMs: 2,
    networkMs: 3,
    decisionMs: 0,
    failed: false,
    ...change,
  }
  return { kind: 'observation', message }
}

/** The joint decision that closed `round` with this response time. */
function closing(
  round: number,
  responseTimeMs: number,
  change: Partial<JointDecision> = {},
): Received {
  const placements = { 'device-1': 'end/d4', 'device-2': 'cloud/d0' }
  const message: JointDecision = {
    session: 'one',
    round: round + 1,
    agent: 'hybrid',
    goalPercent: 85,
    placements,
    accuracyPercent: 89,
    progress: { realSteps: round, plannedSteps: 12 * round, updates: 2 * round },
    goalViolations: 1,
    closed: {
      round,
      agent: 'hybrid',
      goalPercent: 85,
      placements,
      responseTimesMs: {},
      responseTimeMs,
      accuracyPercent: 88,
      violated: false,
    },
    ...change,
  }
  return { kind: 'jointDecision', message }
}

function after(...messages: readonly Received[]): FleetView {
  return messages.reduce(reduce, emptyFleet)
}

test('a node is ready, starting or dead, as its newest telemetry says', () => {
  const ready = after(live('edge', 'edge'))
  expect(ready.nodes.get('edge')).toEqual({
    name: 'edge',
    tier: 'edge',
    variants: ['d0'],
    health: 'ready',
    weakLink: true,
    roundTripMs: 41,
    queueDepth: 2,
  })
  const starting = reduce(ready, live('edge', 'edge', { ready: false }))
  expect(starting.nodes.get('edge')?.health).toBe('starting')
  const will: Received = {
    kind: 'telemetry',
    message: { alive: false, node: 'edge', tier: 'edge' },
  }
  const dead = reduce(starting, will)
  expect(dead.nodes.get('edge')).toEqual({ name: 'edge', tier: 'edge', health: 'dead' })
  expect(reduce(dead, live('edge', 'edge')).nodes.get('edge')?.health).toBe('ready')
})

test('a reducer leaves the fleet it was given as it was', () => {
  const before = after(live('device-1', 'end'))
  reduce(before, answered('device-1', 100))
  reduce(before, closing(1, 300))
  expect(before.devices.size).toBe(0)
  expect(before.rounds).toEqual([])
})

test('devices are in the order of their numbers, known from whatever message first', () => {
  const fleet = after(live('device-10', 'end'), live('device-2', 'end'), answered('device-1', 5))
  expect(deviceNames(fleet)).toEqual(['device-1', 'device-2', 'device-10'])
  expect(nodesOf(fleet, 'end').map(({ name }) => name)).toEqual(['device-2', 'device-10'])
  expect(nodesOf(fleet, 'cloud')).toEqual([])
})

test('a device keeps its newest twenty response times', () => {
  const times = Array.from({ length: 23 }, (_, index) => index)
  const fleet = after(...times.map((time) => answered('device-1', time)))
  const device = fleet.devices.get('device-1')
  expect(device?.requests).toBe(23)
  expect(device?.responseTimesMs).toEqual(times.slice(3))
  const failed = reduce(fleet, answered('device-1', 9, { failed: true }))
  expect(failed.devices.get('device-1')?.failed).toBe(true)
})

test('a request that was answered elsewhere than decided fell back', () => {
  const fleet = after(answered('device-1', 30))
  expect(fleet.devices.get('device-1')?.fallback).toBe(false)
  const served = { tier: 'end', variant: 'd4' } as const
  const device = reduce(fleet, answered('device-1', 300, { served })).devices.get('device-1')
  expect(device?.fallback).toBe(true)
  expect(device?.served).toEqual(served)
})

test("decisions place devices: one device's, or the fleet's", () => {
  const joint = after(closing(1, 300))
  expect(joint.devices.get('device-1')?.placement).toEqual({ tier: 'end', variant: 'd4' })
  expect(joint.devices.get('device-2')?.placement).toEqual({ tier: 'cloud', variant: 'd0' })
  const own = reduce(joint, {
    kind: 'decision',
    message: {
      session: 'one',
      epoch: 1,
      round: 3,
      device: 'device-1',
      placement: { tier: 'edge', variant: 'd0' },
      fallbackAccuracyPercent: 85,
    },
  })
  expect(own.devices.get('device-1')?.placement).toEqual({ tier: 'edge', variant: 'd0' })
})

test('a placement that is none is left out', () => {
  const fleet = after(closing(1, 300, { placements: { a: 'moon/d0', b: 'end/d1' } }))
  expect(deviceNames(fleet)).toEqual(['b'])
})

test('rounds are those of the current session', () => {
  const first = after(closing(1, 300), closing(2, 290), closing(2, 290))
  expect(first.rounds.map(({ round }) => round)).toEqual([1, 2])
  const second = reduce(first, closing(1, 500, { session: 'two' }))
  expect(second.rounds.map(({ responseTimeMs }) => responseTimeMs)).toEqual([500])
  expect(second.firstRounds).toEqual(second.rounds)
})

test('the headline compares the last twenty rounds with the first twenty', () => {
  const rounds = Array.from({ length: 60 }, (_, index) => closing(index + 1, 600 - 10 * index))
  const figures = headline(after(...rounds))
  // First twenty: 600 … 410; last twenty: 200 … 10.
  expect(figures.firstResponseTimeMs).toBe(505)
  expect(figures.responseTimeMs).toBe(105)
  expect(figures.sawFirstRound).toBe(true)
  expect(figures.accuracyPercent).toBe(88)
  expect(figures.rounds).toBe(61)
  expect(figures.realSteps).toBe(60)
  expect(figures.plannedSteps).toBe(720)
  expect(figures.updates).toBe(120)
  expect(figures.goalViolations).toBe(1)
  expect(figures.agent).toBe('hybrid')
})

test('a page opened in the middle of a session says so', () => {
  expect(headline(after(closing(700, 300))).sawFirstRound).toBe(false)
})

test('the goal shown is the one asked for, before a round was decided under it', () => {
  const fleet = after(closing(1, 300))
  expect(headline(fleet).goalPercent).toBe(85)
  const asked = reduce(fleet, { kind: 'goal', message: { accuracyPercent: 80 } })
  expect(headline(asked).goalPercent).toBe(80)
})

test('pictures are for the cloud, by its first variant, as soon as that is ready', () => {
  expect(variantOfPage(after(live('edge', 'edge')))).toBeUndefined()
  expect(variantOfPage(after(live('cloud', 'cloud')))).toBe('d0')
})

test('the emulation error is the mean over the nodes that emulate', () => {
  const real = after(live('device-1', 'end'))
  expect(headline(real).dilationErrorPercent).toBeUndefined()
  expect(headline(real).heardOfNodes).toBe(true)
  const emulated = after(
    live('device-1', 'end', { dilationErrorPercent: 1 }),
    live('device-2', 'end', { dilationErrorPercent: 2 }),
    live('cloud', 'cloud'),
  )
  expect(headline(emulated).dilationErrorPercent).toBe(1.5)
})

test('nothing heard yet: every figure is absent', () => {
  const { sawFirstRound, heardOfNodes, ...figures } = headline(emptyFleet)
  expect(Object.values(figures).filter((value) => value !== undefined)).toEqual([])
  expect(heardOfNodes).toBe(false)
})

test('a stray publisher cannot fill the page', () => {
  const many = Array.from({ length: 400 }, (_, index) => live(`node-${index}`, 'end'))
  const fleet = after(...many)
  expect(fleet.nodes.size).toBe(256)
  const updated = reduce(fleet, live('node-0', 'end', { ready: false }))
  expect(updated.nodes.get('node-0')?.health).toBe('starting')
})

test('a device that escalates: what is decided, its newest first answer, and how its answers turn out', () => {
  const inService = {
    judged: 100,
    plannedPercent: 20,
    seenPercent: 61,
    audited: 4,
    agreed: 3,
    labelled: 0,
    right: 0,
    inDoubt: 'far more answers are unsure than the 20 % planned',
  }
  const placements = { 'device-1': 'end/d3>edge/d0@0.51', 'device-2': 'end/d3>nonsense' }
  const escalation = { escalated: true, margin: 0.3, firstMs: 4 }
  const fleet = after(
    live('device-1', 'end', { inService }),
    closing(1, 20, { placements }),
    answered('device-1', 30, { decided: { tier: 'end', variant: 'd3' }, escalation }),
  )
  expect(fleet.devices.get('device-1')).toMatchObject({
    placement: { tier: 'end', variant: 'd3' },
    decided: 'end/d3>edge/d0@0.51',
    escalation,
    fallback: false,
  })
  expect(fleet.devices.get('device-2')?.decided).toBeUndefined()
  expect(answersTold(fleet.nodes.get('device-1'))).toEqual(inService)
  expect(answersTold(after(live('quiet', 'end')).nodes.get('quiet'))).toBeUndefined()
})

test('an unsure answer that is given all the same is a fallback, a sure one is none', () => {
  const d3 = { tier: 'end', variant: 'd3' }
  const fallback = (escalated: boolean) =>
    after(
      answered('one', 30, {
        decided: d3,
        served: d3,
        escalation: { escalated, margin: 0.3, firstMs: 4 },
      }),
    ).devices.get('one')?.fallback
  expect([fallback(true), fallback(false)]).toEqual([true, false])
})
