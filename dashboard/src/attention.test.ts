import { describe, expect, test } from 'vitest'
import type { DeviceRow, Overview } from '../../src/views/schemas.ts'
import { concernsOf } from './attention.ts'

const byTier = { end: 0, edge: 0, cloud: 0 }
const device = (name: string, change: Partial<DeviceRow> = {}): DeviceRow => ({
  ...{ name, health: 'ready', isFailing: false, byTier },
  ...change,
})
const node = (
  name: string,
  tier: 'edge' | 'cloud',
  health: 'ready' | 'down' | 'silent' | 'starting',
) => ({ name, tier, health }) as const
const fleetOf = (change: Partial<Overview>): Overview => ({
  ...{ atMs: 100_000, sinceMs: 0, mode: 'pushed', requests: 9, failed: 0, nodes: [], events: [] },
  inForce: { goalPercent: 89, agent: 'factored' },
  traffic: { windowSeconds: 60, requests: 9, failed: 0, byTier },
  devices: [],
  ...change,
})
const concerns = (change: Partial<Overview>) =>
  concernsOf(fleetOf(change)).map(({ level, text }) => `${level}: ${text}`)

describe('nodes', () => {
  test('that are on their way or ready concern nobody', () => {
    const nodes = [node('hall', 'edge', 'starting'), node('cloud', 'cloud', 'ready')]
    expect(concerns({ nodes, devices: [device('a', { health: 'unknown' })] })).toEqual([])
  })

  test('that are lost are named where they are two', () => {
    const nodes = [
      node('hall', 'edge', 'down'),
      node('yard', 'edge', 'ready'),
      node('cloud', 'cloud', 'silent'),
    ]
    expect(concerns({ nodes })).toEqual([
      'bad: hall is down: requests are served elsewhere',
      'bad: cloud is silent: requests are served elsewhere',
    ])
  })

  test('that are lost are counted where they are more', () => {
    const edges = ['a', 'b', 'c'].map((name) => node(name, 'edge', 'down'))
    expect(concerns({ nodes: edges })).toEqual([
      'bad: 3 edges cannot be reached: requests are served elsewhere',
    ])
    expect(concerns({ nodes: [...edges, node('cloud', 'cloud', 'down')] })).toEqual([
      'bad: 3 edges and the cloud cannot be reached: requests are served elsewhere',
    ])
    expect(concerns({ nodes: [...edges, node('cloud', 'cloud', 'ready')] })).toHaveLength(1)
  })
})

test('nodes that shed load are one concern, by the worst of them', () => {
  const shedding = (name: string, shedPercent: number) => ({
    ...node(name, 'edge', 'ready'),
    shedPercent,
  })
  expect(concerns({ nodes: [shedding('hall', 12.4), node('yard', 'edge', 'ready')] })).toEqual([
    'warn: hall sheds load: 12 % of its requests are late or refused',
  ])
  expect(concerns({ nodes: [shedding('hall', 12), shedding('yard', 71)] })).toEqual([
    'warn: yard sheds load, and 1 more: 71 % of its requests are late or refused',
  ])
})

describe('devices', () => {
  test('are one concern for all that it is true of, and only those can be shown', () => {
    const devices = [
      device('a', { health: 'silent' }),
      device('b', { isFailing: true }),
      device('c', { health: 'down', isFailing: true }),
      device('d'),
    ]
    expect(concernsOf(fleetOf({ devices }))).toEqual([
      { level: 'bad', text: '2 devices cannot be reached', devices: ['a', 'c'] },
      { level: 'bad', text: '2 devices got no answer to the newest request', devices: ['b', 'c'] },
    ])
  })

  test('that miss a goal of their own are named', () => {
    const devices = [device('a', { isBelowGoal: true }), device('b')]
    expect(concernsOf(fleetOf({ devices }))).toEqual([
      {
        level: 'bad',
        text: 'a got less accurate answers than their own goal asks',
        devices: ['a'],
      },
    ])
  })

  test('of one kind are called by name where there is one', () => {
    const devices = [device('a', { inDoubt: 'another season' }), device('b')]
    expect(concernsOf(fleetOf({ devices }))).toEqual([
      { level: 'warn', text: 'a may be less accurate than measured before', devices: ['a'] },
    ])
  })
})

describe('the fleet', () => {
  const decided: NonNullable<Overview['decided']> = {
    ...{ agent: 'factored', round: 3, accuracyPercent: 89, goalViolations: 0, closedRounds: 2 },
    progress: { realSteps: 2, plannedSteps: 0, updates: 0 },
  }
  const served = (accuracyPercent: number) => ({
    decided: { ...decided, served: { requests: 10, accuracyPercent, windowSeconds: 60 } },
  })

  test('keeps its goal to hundredths of a percent', () => {
    expect(concerns(served(88.99))).toEqual([
      'bad: Served 0.01 points less accurately than the goal',
    ])
    expect(concerns(served(88.996))).toEqual([])
    expect(concerns(served(95))).toEqual([])
    expect(concerns({ decided })).toEqual([])
  })

  test('failed requests count in the last minute alone', () => {
    const traffic = { windowSeconds: 60, requests: 9, failed: 2, byTier }
    expect(concerns({ traffic, failed: 7 })).toEqual(['bad: 2 requests failed in the last minute'])
    expect(concerns({ failed: 7 })).toEqual([])
  })

  test('what is held back or at risk is worth a look', () => {
    const held = { ...decided, fallbackRisk: 'yard would break the goal', raisedGoalPercent: 90.26 }
    expect(concerns({ decided: held })).toEqual([
      'warn: yard would break the goal',
      'warn: Decisions are held to 90.3 % until the goal is made up for',
    ])
  })

  test('before an orchestrator has said anything, its nodes may concern somebody', () => {
    const { inForce: _, ...silent } = fleetOf({ nodes: [node('hall', 'edge', 'down')] })
    expect(concernsOf(silent).map(({ level }) => level)).toEqual(['bad'])
  })
})

test('what needs somebody comes before what is worth a look, and a run that has ended needs nobody', () => {
  const troubled = {
    inForce: {
      ...{ goalPercent: 90, agent: 'factored', reverted: 'too slow' },
      refusedWish: {
        ...{ accuracyPercent: 99, agent: 'hybrid', explorationBudgetPercent: 4 },
        deviceGoal: { device: 'b', goalPercent: 95 },
        reason: 'out of reach',
      },
    },
    nodes: [node('edge', 'edge', 'silent')],
    devices: [device('a', { health: 'down' }), device('b', { fellBackTo: 'end/d7' })],
  }
  expect(concerns(troubled)).toEqual([
    'bad: edge is silent: requests are served elsewhere',
    'bad: a cannot be reached',
    'warn: A fixed rule is in the agent’s place: too slow',
    'warn: A goal of 99 %, agent hybrid, exploring ≤ 4 % more, of b 95 % was refused: out of reach. In force: 90 %',
    'warn: b fell back: served elsewhere than decided',
  ])
  const report: NonNullable<Overview['report']> = {
    ...{
      goalPercent: 89,
      agent: 'factored',
      rounds: 9,
      requests: 9,
      failedRequests: 0,
      seconds: 9,
    },
    ...{ goalViolations: 0, strategies: [], text: '' },
  }
  expect(concerns({ ...troubled, report })).toEqual([])
})
