import { beforeEach, describe, expect, test } from 'vitest'
import type { JointDecision, OrchestratorNews } from '../control/messages.ts'
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { reportOf } from './answer.fixture.ts'
import { FleetRecord } from './fleet-record.ts'
import { deviceViewOf, historyOf, overviewOf } from './fleet-views.ts'
import { deviceView, history, overview } from './schemas.ts'
import { testAnswer } from './test-answer.fixture.ts'

let nowMs: number
let record: FleetRecord

beforeEach(() => {
  nowMs = 1_000_000
  record = new FleetRecord(() => nowMs)
})

function telemetryOf(node: string, change: Partial<LiveTelemetry> = {}): LiveTelemetry {
  return {
    ...{ alive: true, node, tier: 'end', url: 'http://127.0.0.1:1', ready: true, variants: [] },
    state: { processor: 0, memory: 0, bandwidth: 1 },
    measured: { backgroundProcessorPercent: 1, memoryUsedPercent: 2, roundTripMs: 3 },
    service: { requests: 0, failedRequests: 0, queueDepth: 0 },
    ...change,
  }
}

function newsOf(change: Partial<OrchestratorNews> = {}): OrchestratorNews {
  return { session: 's', epoch: 1, goalPercent: 85, agent: 'factored', answered: [], ...change }
}

function jointOf(round: number, closed?: Partial<NonNullable<JointDecision['closed']>>) {
  const shared = { agent: 'factored', goalPercent: 85, placements: {}, accuracyPercent: 84 }
  return {
    ...{ session: 's', round, goalViolations: 0, ...shared },
    progress: { realSteps: 0, plannedSteps: 0, updates: 0 },
    ...(closed && {
      closed: {
        round: round - 1,
        responseTimesMs: {},
        responseTimeMs: 1,
        violated: false,
        ...shared,
        ...closed,
      },
    }),
  } satisfies JointDecision
}

const events = () => record.events.since(0).map(({ kind, text }) => `${kind}: ${text}`)
const now = () => overview.parse(overviewOf(record, 'pushed'))

test('of a fleet that has said nothing, nothing is known', () => {
  const { inForce, decided, speeds, devices, traffic } = now()
  expect([inForce, decided, speeds, devices]).toEqual([undefined, undefined, undefined, []])
  expect(traffic).not.toHaveProperty('meanMs')
})

test('a link is known once its quality was told again and again by a node that is ready', () => {
  const weak = () => now().devices[0]?.weakLink
  for (let time = 0; time < 9; time++)
    record.hearTelemetry(telemetryOf('camera-1', { ready: false }))
  for (let time = 0; time < 4; time++) record.hearTelemetry(telemetryOf('camera-1'))
  expect(weak()).toBeUndefined()
  record.hearTelemetry(telemetryOf('camera-1'))
  expect(weak()).toBe(true)
  const regular = { state: { processor: 0, memory: 0, bandwidth: 0 } } as const
  record.hearTelemetry(telemetryOf('camera-1', regular))
  expect(weak()).toBe(true)
  for (let time = 0; time < 4; time++) record.hearTelemetry(telemetryOf('camera-1', regular))
  expect(weak()).toBe(false)
})

test('of a demonstration’s answers a handful is shown, of the fleet and of each device', () => {
  expect(now().tests).toBeUndefined()
  record.hearAnswer(reportOf({ device: 'camera-1' }))
  record.hearAnswer(reportOf({ device: 'camera-2' }))
  const answers = ['camera-1', 'camera-2'].flatMap((device) =>
    Array.from({ length: 6 }, (_, picture) => testAnswer({ device, picture })),
  )
  record.tests = { answers }
  expect(now().tests?.answers).toEqual(answers.slice(0, 6))
  const shownOf = (name: string) => deviceView.parse(deviceViewOf(record, name)).testAnswers
  expect(shownOf('camera-2')).toEqual(answers.slice(6))
  record.tests = { answers: answers.slice(0, 6) }
  expect(shownOf('camera-2')).toBeUndefined()
})

test('speeds are real or emulated only where nodes have served', () => {
  record.hearTelemetry(telemetryOf('camera-1'))
  expect(now().speeds).toBeUndefined()
  const service = { requests: 3, failedRequests: 0, queueDepth: 0 }
  record.hearTelemetry(telemetryOf('camera-1', { service }))
  expect(now().speeds).toBe('real')
  record.hearTelemetry(telemetryOf('camera-1', { service, dilationErrorPercent: 4 }))
  record.hearTelemetry(telemetryOf('camera-2', { service, dilationErrorPercent: 2 }))
  expect(now().speeds).toEqual({ emulatedErrorPercent: 3 })
})

test('a node sheds load, and has room again: once each', () => {
  const saying = (sheds: boolean, refused: number) => {
    const admission = { windowSeconds: 5, requests: 8, late: 1, refused, sheds }
    const service = {
      ...{ requests: 8, failedRequests: 0, queueDepth: 0 },
      admission: { ...admission, spareRequestsPerS: 2 },
    }
    record.hearTelemetry({ ...telemetryOf('hall', { service }), tier: 'edge' })
  }
  saying(false, 0)
  expect(now().nodes).toMatchObject([{ name: 'hall', spareRequestsPerS: 2 }])
  expect(now().nodes[0]).not.toHaveProperty('shedPercent')
  for (const refused of [3, 5]) saying(true, refused)
  expect(now().nodes).toMatchObject([{ name: 'hall', shedPercent: 75 }])
  for (const refused of [0, 0]) saying(false, refused)
  expect(events()).toEqual([
    'shedding: hall sheds load: 50 % of its requests were late or refused',
    'room: hall has room again',
  ])
})

describe('events', () => {
  test('a node leaves, is silent, and comes back: once each', () => {
    record.hearTelemetry(telemetryOf('camera-1'))
    record.hearTelemetry({ alive: false, node: 'camera-1', tier: 'end' })
    record.hearTelemetry({ alive: false, node: 'camera-1', tier: 'end' })
    record.hearTelemetry(telemetryOf('camera-1'))
    expect(events()).toEqual(['down: camera-1 left', 'up: camera-1 is back'])
    nowMs += 11_000
    expect(now().devices[0]?.health).toBe('silent')
  })

  test('a node that dies while the clock is set back is silent', () => {
    record.hearTelemetry(telemetryOf('camera-1'))
    nowMs -= 86_400_000
    expect(now().devices[0]?.health).toBe('silent')
    record.hearTelemetry(telemetryOf('camera-1'))
    expect(now().devices[0]?.health).toBe('ready')
  })

  test('goal, agent, revert and resume', () => {
    record.hearOrchestrator(newsOf())
    record.hearOrchestrator(newsOf())
    record.hearOrchestrator(newsOf({ goalPercent: 80, agent: 'hybrid' }))
    record.hearOrchestrator(newsOf({ goalPercent: 80, agent: 'hybrid', reverted: 'asked for' }))
    record.hearOrchestrator(newsOf({ goalPercent: 80, agent: 'hybrid' }))
    expect(events()).toEqual([
      'started: The orchestrator decides: goal ≥ 85 %, agent factored',
      'goal: 85 % → 80 %',
      'agent: factored → hybrid',
      'reverted: The fixed rule took the agent’s place: asked for',
      'resumed: The agent goes on',
    ])
    record.hearOrchestrator(newsOf({ explorationBudgetPercent: 'unbounded' }))
    record.hearOrchestrator(newsOf({ explorationBudgetPercent: 4 }))
    expect(now().inForce?.explorationBudgetPercent).toBe(4)
    expect(events().at(-1)).toBe(
      'budget: Exploring may cost 4 % more response time, before: any response time',
    )
  })

  test('a refused wish is told once, and again where it is asked again', () => {
    const refusedWish = { accuracyPercent: 99, reason: 'out of reach' }
    record.hearOrchestrator(newsOf())
    for (const id of ['a', 'a', 'b']) {
      record.hearOrchestrator(newsOf({ refusedWish, answered: [{ id, refused: 'out of reach' }] }))
    }
    const refusals = events().filter((event) => event.startsWith('refused'))
    expect(refusals).toEqual(Array(2).fill('refused: Refused goal 99 %: out of reach'))
    expect(now().inForce).toMatchObject({ goalPercent: 85, refusedWish })
  })

  test('an orchestrator of a lower epoch is not heard', () => {
    record.hearOrchestrator(newsOf({ epoch: 2 }))
    record.hearOrchestrator(newsOf({ epoch: 1, session: 'other', goalPercent: 10 }))
    expect(now().inForce?.goalPercent).toBe(85)
  })
})

describe('events of rounds', () => {
  test('rounds below the goal within a minute are one event', () => {
    record.hearJoint(jointOf(1))
    for (const [round, accuracyPercent] of [84, 83, 84].entries()) {
      record.hearJoint(jointOf(round + 2, { violated: true, accuracyPercent }))
    }
    nowMs += 61_000
    record.hearJoint(jointOf(5, { violated: true }))
    expect(events()).toEqual([
      'below-goal: 3 rounds were served less accurately than the goal of 85 %, lowest 83.00 %',
      'below-goal: A round was served less accurately than the goal of 85 %, lowest 84.00 %',
    ])
    expect(now().decided?.closedRounds).toBe(4)
  })

  test('what the agent finds to have changed is told once', () => {
    const drift: JointDecision['drift'] = [
      { node: 'camera-1', tier: 'end', became: 'slower' },
      { node: 'cloud', tier: 'cloud', became: 'as-before' },
    ]
    for (let time = 0; time < 2; time++) record.hearJoint({ ...jointOf(1), drift })
    record.hearJoint(jointOf(2))
    expect(events()).toEqual([
      'drift: camera-1 serves slower than it did: the agent learns it anew',
      'drift: cloud serves again as it did before',
    ])
    expect(record.events.since(0)[0]?.node).toBe('camera-1')
  })

  test('no more are kept than have room', () => {
    for (let time = 0; time < 1200; time++) record.events.add('goal', `${time}`, nowMs)
    expect(record.events.since(0)).toHaveLength(1000)
    expect(record.events.since(0).at(-1)?.text).toBe('1199')
  })
})

describe('a device', () => {
  test('its requests of the last minute, by tier, and where it fell back to', () => {
    record.hearAnswer(reportOf({ responseTimeMs: 999 }))
    nowMs += 61_000
    record.hearAnswer(reportOf({ responseTimeMs: 20 }))
    record.hearAnswer(reportOf({ responseTimeMs: 40, served: { tier: 'edge', variant: 'd0' } }))
    expect(now().devices[0]).toMatchObject({
      ...{ decided: 'end/d0', fellBackTo: 'edge/d0', meanMs: 30, lastMs: 40 },
      byTier: { end: 1, edge: 1, cloud: 0 },
    })
  })

  test('what was decided for it, and when that changed', () => {
    for (const choice of ['end/d0', 'end/d0', 'edge/d0', 'nonsense']) {
      record.hearJoint({ ...jointOf(1), placements: { 'camera-1': choice } })
    }
    const view = deviceView.parse(deviceViewOf(record, 'camera-1'))
    expect(view.decisions.map(({ decided }) => decided)).toEqual(['end/d0', 'edge/d0'])
    expect(deviceViewOf(record, 'nobody')).toBeUndefined()
  })

  test('its floor, where it has one', () => {
    record.hearTelemetry(telemetryOf('camera-1'))
    expect(deviceViewOf(record, 'camera-1')).not.toHaveProperty('floorPercent')
    record.hearTelemetry(telemetryOf('camera-1', { floorPercent: 85 }))
    const view = deviceView.parse(deviceViewOf(record, 'camera-1'))
    expect(view.floorPercent).toBe(85)
  })

  test('its own goal, as it says, and how that is kept once the orchestrator tells', () => {
    const ofCamera = () => deviceView.parse(deviceViewOf(record, 'camera-1'))
    const isBelowGoal = () => now().devices[0]?.isBelowGoal
    record.hearTelemetry(telemetryOf('camera-1'))
    expect(ofCamera()).not.toHaveProperty('ownGoal')
    record.hearTelemetry(telemetryOf('camera-1', { goalPercent: 88 }))
    expect(ofCamera().ownGoal).toEqual({ goalPercent: 88 })
    const kept = (accuracyPercent: number) => {
      const served = { requests: 9, accuracyPercent, windowSeconds: 60 }
      const deviceGoals = { 'camera-1': { goalPercent: 88, served } }
      record.hearJoint({ ...jointOf(1), deviceGoals })
      return served
    }
    expect(ofCamera().ownGoal).toEqual({ goalPercent: 88 })
    const served = kept(88 - 1e-9)
    expect([ofCamera().ownGoal, isBelowGoal()]).toEqual([{ goalPercent: 88, served }, undefined])
    kept(87.9)
    expect(isBelowGoal()).toBe(true)
    // It has another by now.
    record.hearTelemetry(telemetryOf('camera-1', { goalPercent: 80 }))
    expect([ofCamera().ownGoal, isBelowGoal()]).toEqual([{ goalPercent: 80 }, undefined])
  })

  test('its newest answers, with median and 95 % quantile, and the newest in full', () => {
    for (let ms = 1; ms <= 300; ms++) record.hearAnswer(reportOf({ responseTimeMs: ms }))
    const { answers, requests, p50Ms, p95Ms } = deviceView.parse(deviceViewOf(record, 'camera-1'))
    expect([answers.length, requests.length]).toEqual([256, 20])
    expect([answers[0]?.[1], p50Ms, p95Ms, requests.at(-1)?.responseTimeMs]).toEqual([
      45, 172, 288, 300,
    ])
  })
})

test('a goal that is asked for a device stands in place of its own, and is told', () => {
  const ownGoal = () => deviceView.parse(deviceViewOf(record, 'camera-1')).ownGoal
  const ask = (goalPercent: number | 'none') =>
    record.hearOrchestrator(newsOf({ deviceGoals: { 'camera-1': { goalPercent } } }))
  record.hearTelemetry(telemetryOf('camera-1', { goalPercent: 80 }))
  record.hearOrchestrator(newsOf())
  ask(87)
  expect(ownGoal()).toEqual({ goalPercent: 87, inPlaceOf: 80 })
  ask('none')
  expect(ownGoal()).toBeUndefined()
  record.hearOrchestrator(newsOf())
  expect(ownGoal()).toEqual({ goalPercent: 80 })
  expect(events().slice(-3)).toEqual([
    'goal: camera-1: own goal 87 %',
    'goal: camera-1: own goal none',
    'goal: camera-1: own goal as it was started',
  ])
})

test('a device stands where it says', () => {
  const reaches = { edge: 'east', cloud: true }
  record.hearTelemetry(telemetryOf('camera-1', { site: 'Oslo', reaches }))
  expect(now().devices[0]).toMatchObject({ site: 'Oslo', edge: 'east' })
})

test('names beyond the bound are not kept', () => {
  for (let index = 0; index < 5000; index++)
    record.hearAnswer(reportOf({ device: `camera-${index}` }))
  expect(now().devices).toHaveLength(4096)
  expect(now().requests).toBe(5000)
})

test('history has the requests of its window, and what happened in it', () => {
  record.hearOrchestrator(newsOf())
  record.hearAnswer(reportOf())
  nowMs += 400_000
  record.hearAnswer(reportOf())
  const shown = history.parse(historyOf(record, '5m'))
  expect([shown.points.length, shown.events.length]).toEqual([1, 0])
  expect(history.parse(historyOf(record, '24h'))).toMatchObject({ events: [{ kind: 'started' }] })
})

test('a run that has ended speaks of its own goal, not of what it was compared with', () => {
  record.hearOrchestrator(newsOf())
  record.hearOrchestrator(newsOf({ goalPercent: 0, agent: 'fixed:end/d0;end/d4' }))
  const counts = { rounds: 1, requests: 1, failedRequests: 0, seconds: 1, goalViolations: 0 }
  record.end({ goalPercent: 85, agent: 'factored', strategies: [], text: '', ...counts })
  expect(now().inForce).toEqual({ goalPercent: 85, agent: 'factored' })
})
