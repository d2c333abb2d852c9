import { describe, expect, test } from 'vitest'
import type { Choice } from '../../fleet/choice.ts'
import { closedRound } from './closed-rounds.fixture.ts'
import {
  congestionDecisions,
  groupByDecision,
  oraclePlacements,
  playDecisions,
  profileOf,
  uniformDecisions,
} from './measure.ts'
import { RoundLog } from './round-log.ts'

const choices: Choice[] = [
  { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
  { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
  { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
]
const devices = ['device-1', 'device-2', 'device-3']
const at = (...placements: string[]) =>
  Object.fromEntries(devices.map((device, index) => [device, placements[index] ?? '']))
const took = (...times: number[]) =>
  Object.fromEntries(devices.map((device, index) => [device, times[index] ?? 0]))

describe('what is played', () => {
  test('every choice for all devices', () => {
    expect(uniformDecisions({ choices, devices })).toEqual([
      ['end/d0', 'end/d0', 'end/d0'],
      ['end/d7', 'end/d7', 'end/d7'],
      ['edge/d0', 'edge/d0', 'edge/d0'],
    ])
  })

  test('one and two of three devices on the shared tier, every device in one of the groups', () => {
    expect(congestionDecisions({ choices, devices }, 'end/d7')).toEqual([
      ['edge/d0', 'end/d7', 'end/d7'],
      ['end/d7', 'edge/d0', 'end/d7'],
      ['end/d7', 'end/d7', 'edge/d0'],
      ['edge/d0', 'edge/d0', 'end/d7'],
      ['edge/d0', 'end/d7', 'edge/d0'],
    ])
  })
})

describe('playDecisions', () => {
  test('asks for the decisions in turn without a goal, and counts only the rounds that played them', async () => {
    const log = new RoundLog()
    const asked: unknown[] = []
    const agent = 'fixed:end/d0,end/d0,end/d0;end/d7,end/d7,end/d7'
    const announce = (round: number, by: string) =>
      log.add({
        session: 's',
        round: round + 1,
        agent: by,
        goalPercent: 0,
        placements: {},
        accuracyPercent: 80,
        progress: { realSteps: 0, plannedSteps: 0, updates: 0 },
        goalViolations: 0,
        closed: closedRound(round, at('end/d0', 'end/d0', 'end/d0'), took(1, 1, 1), { agent: by }),
      })
    const control = {
      publish: async (_kind: string, message: unknown) => {
        asked.push(message)
        let round = 0
        const timer = setInterval(() => {
          announce(round, round < 2 ? 'hybrid' : agent)
          if (++round === 6) clearInterval(timer)
        }, 1)
      },
      subscribe: async () => () => {},
      droppedMessages: 0,
      droppedPublications: 0,
      connected: true,
      close: async () => {},
    }
    const progress: number[] = []
    const rounds = await playDecisions(
      { control, log, devices, choices, signal: new AbortController().signal },
      uniformDecisions({ choices, devices }).slice(0, 2),
      2,
      (done) => progress.push(done),
    )
    expect(asked).toEqual([{ accuracyPercent: 0, agent, revert: false }])
    expect(rounds.map(({ round }) => round)).toEqual([2, 3, 4, 5])
    expect(progress.at(-1)).toBe(4)
  })

  test('ends at once when aborted', async () => {
    const abort = new AbortController()
    abort.abort()
    const control = {
      publish: async () => {},
      subscribe: async () => () => {},
      droppedMessages: 0,
      droppedPublications: 0,
      connected: true,
      close: async () => {},
    }
    const fleet = { control, log: new RoundLog(), devices, choices, signal: abort.signal }
    expect(await playDecisions(fleet, uniformDecisions(fleet), 20)).toEqual([])
  })
})

describe('what is made of it', () => {
  const rounds = [
    closedRound(0, at('end/d0', 'end/d0', 'end/d0'), took(100, 110, 120)),
    closedRound(1, at('end/d0', 'end/d0', 'end/d0'), took(102, 112, 122)),
    closedRound(2, at('end/d7', 'end/d7', 'end/d7'), took(10, 11, 12)),
    closedRound(3, at('edge/d0', 'end/d7', 'end/d7'), took(69, 11, 12)),
    closedRound(4, at('end/d7', 'edge/d0', 'end/d7'), took(10, 71, 12)),
    closedRound(5, at('end/d7', 'end/d7', 'edge/d0'), took(10, 11, 72)),
    closedRound(6, at('edge/d0', 'edge/d0', 'edge/d0'), took(170, 171, 172)),
  ]

  test('rounds are grouped by their joint decision', () => {
    const groups = groupByDecision(rounds, devices)
    expect(groups.get('end/d0,end/d0,end/d0')?.map(({ round }) => round)).toEqual([0, 1])
    expect(groups.get('end/d7,edge/d0,end/d7')?.map(({ round }) => round)).toEqual([4])
  })

  test('the profile holds means by device and load; what was not measured is never worth choosing', () => {
    const { responseTimesMs } = profileOf(rounds, { choices, devices })
    expect(responseTimesMs['end/d0']).toEqual([[101], [111], [121]])
    expect(responseTimesMs['end/d7']).toEqual([[10], [11], [12]])
    expect(responseTimesMs['edge/d0']).toEqual([
      [69, Number.POSITIVE_INFINITY, 170],
      [71, Number.POSITIVE_INFINITY, 171],
      [72, Number.POSITIVE_INFINITY, 172],
    ])
  })

  test('the oracle’s decision: one device at the edge lifts the average of two cheap ones over the goal', () => {
    const profile = profileOf(rounds, { choices, devices })
    const problem = { devices: 3, choices, stateSize: 0 }
    // 89.9 + 2 · 72.8 = 235.5 ≥ 3 · 78; the device nearest to the edge goes there.
    expect(oraclePlacements(profile, problem, 78)).toEqual(['edge/d0', 'end/d7', 'end/d7'])
    expect(oraclePlacements(profile, problem, 0)).toEqual(['end/d7', 'end/d7', 'end/d7'])
  })
})
