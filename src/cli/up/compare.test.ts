import { describe, expect, test } from 'vitest'
import type { ControlPlane } from '../../control/control-plane.ts'
import { schemas } from '../../control/messages.ts'
import type { Choice } from '../../fleet/choice.ts'
import { closedRound } from './closed-rounds.fixture.ts'
import { compare } from './compare.ts'
import { type FleetUnderTest, ROUNDS } from './measure.ts'
import { RoundLog } from './round-log.ts'

const choices: readonly Choice[] = [
  { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
  { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
  { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
  { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
]

/** Alone on a placement, ms; at a shared node another user takes as long again. */
const ALONE_MS: Readonly<Record<string, number>> = {
  'end/d0': 100,
  'end/d7': 20,
  'edge/d0': 60,
  'cloud/d0': 80,
}

/** A fleet that plays at once what it is told, the decisions in turn, forever as it is. @param most rounds before it is aborted */
function fleetOf(devices: readonly string[], most = Number.POSITIVE_INFINITY) {
  const abort = new AbortController()
  const played: string[] = []
  const log = new RoundLog()
  let agent = ''
  const play = () => {
    const decisions = agent.slice('fixed:'.length).split(';')
    const turn = decisions[played.length % decisions.length] ?? ''
    const placements = turn.split(',')
    const timesMs = placements.map((placement) => {
      const users = placements.filter((other) => other === placement).length
      return ALONE_MS[placement] * (placement.startsWith('end/') ? 1 : users)
    })
    const byDevice = <T>(values: readonly T[]) =>
      Object.fromEntries(devices.map((device, index) => [device, values[index]]))
    const round = closedRound(played.length, byDevice(placements), byDevice(timesMs), { agent })
    played.push(turn)
    log.rounds.push(round)
    if (played.length >= most) abort.abort()
  }
  log.next = () => {
    play()
    return Promise.resolve()
  }
  const asked: unknown[] = []
  const control = {
    publish: (_kind: string, message: unknown) => {
      const goal = schemas.goal.parse(message)
      asked.push(goal)
      agent = goal.agent ?? ''
      return Promise.resolve()
    },
  } as unknown as ControlPlane
  const available = devices.map(() => choices.map(() => true))
  const fleet: FleetUnderTest = { control, log, devices, choices, available, signal: abort.signal }
  return { fleet, played, asked }
}

describe('the comparison of two devices', () => {
  test('has every strategy as measured, and which of them meet the goal', async () => {
    const { fleet } = fleetOf(['one', 'two'])
    const { strategies } = await compare(fleet, 85, () => {})
    const of = (responseTimeMs: number, accuracyPercent: number, meetsGoal: boolean) => {
      return { responseTimeMs, accuracyPercent, meetsGoal, rounds: ROUNDS }
    }
    expect(strategies).toEqual({
      'end/d0': of(100, 89.9, true),
      'end/d7': of(20, 72.8, false),
      'edge/d0': of(120, 89.9, true),
      'cloud/d0': of(160, 89.9, true),
    })
  })

  test('measures the best decision of what it has seen, crowds included', async () => {
    const { fleet, played } = fleetOf(['one', 'two'])
    const { oracle } = await compare(fleet, 85, () => {})
    // One at the edge and one in the cloud, 60 and 80 ms: both at the edge take 120, alone a device takes 100.
    expect([...(oracle?.placements ?? [])].sort()).toEqual(['cloud/d0', 'edge/d0'])
    expect(oracle?.responseTimeMs).toBe(70)
    expect(played.slice(4 * ROUNDS, 4 * ROUNDS + 4)).toEqual([
      'edge/d0,end/d7',
      'end/d7,edge/d0',
      'cloud/d0,end/d7',
      'end/d7,cloud/d0',
    ])
    expect(played.slice(-ROUNDS)).toEqual(Array(ROUNDS).fill(oracle?.placements.join(',')))
  })

  test('takes the fastest where there is no goal', async () => {
    const { oracle } = await compare(fleetOf(['one', 'two']).fleet, 0, () => {})
    expect(oracle).toEqual({ placements: ['end/d7', 'end/d7'], responseTimeMs: 20 })
  })

  test('knows what one request takes at each tier, alone', async () => {
    const { soloMs } = await compare(fleetOf(['one', 'two']).fleet, 85, () => {})
    expect(soloMs).toEqual({ end: 100, edge: 60, cloud: 80 })
  })

  test('tells how far it is, up to all of it', async () => {
    const progress: [number, number][] = []
    await compare(fleetOf(['one', 'two']).fleet, 85, (...part) => progress.push(part))
    // Four strategies and the oracle for so many rounds each, and either device alone at either node.
    const total = 5 * ROUNDS + 4
    expect(progress.every(([, of]) => of === total)).toBe(true)
    const done = progress.map(([count]) => count)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(done.at(-1)).toBe(total)
  })

  test('asks for no goal and no fixed rule while it measures', async () => {
    const { fleet, asked } = fleetOf(['one', 'two'])
    await compare(fleet, 85, () => {})
    for (const goal of asked) expect(goal).toMatchObject({ accuracyPercent: 0, revert: false })
  })
})

test('a single device has no crowds', async () => {
  const { fleet, played } = fleetOf(['one'])
  const { oracle } = await compare(fleet, 85, () => {})
  expect(played).toHaveLength(5 * ROUNDS)
  expect(oracle).toEqual({ placements: ['edge/d0'], responseTimeMs: 60 })
})

describe('a comparison that is broken off', () => {
  test('has the strategies so far, and no oracle', async () => {
    const { fleet } = fleetOf(['one', 'two'], 6)
    const { strategies, oracle, soloMs, profile } = await compare(fleet, 85, () => {})
    expect(Object.values(strategies).map(({ rounds }) => rounds)).toEqual([2, 2, 1, 1])
    expect([oracle, soloMs, profile]).toEqual([undefined, undefined, undefined])
  })

  test('has what the oracle took where it had begun', async () => {
    const before = 4 * ROUNDS + 4
    const begun = await compare(fleetOf(['one', 'two'], before + 1).fleet, 85, () => {})
    expect(begun.oracle?.responseTimeMs).toBe(70)
  })
})
