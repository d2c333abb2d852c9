import { describe, expect, test } from 'vitest'
import { schemas } from '../../control/messages.ts'
import type { Choice } from '../../fleet/choice.ts'
import { closedRound } from './closed-rounds.fixture.ts'
import {
  congestionDecisions,
  groupByDecision,
  placementsOf,
  playDecisions,
  profileOf,
  uniformStrategies,
} from './measure.ts'
import { RoundLog } from './round-log.ts'

const choices: Choice[] = [
  { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
  { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
  { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
]
const devices = ['device-1', 'device-2', 'device-3']
const available = devices.map(() => choices.map(() => true))
const texts = (decisions: readonly (readonly number[])[]) =>
  decisions.map((decision) => placementsOf({ choices }, decision))
const at = (...placements: string[]) =>
  Object.fromEntries(devices.map((device, index) => [device, placements[index] ?? '']))
const took = (...times: number[]) =>
  Object.fromEntries(devices.map((device, index) => [device, times[index] ?? 0]))

describe('what is played', () => {
  test('every choice for all devices', () => {
    expect(uniformStrategies({ choices, devices, available })).toEqual([
      { name: 'end/d0', decision: [0, 0, 0] },
      { name: 'end/d7', decision: [1, 1, 1] },
      { name: 'edge/d0', decision: [2, 2, 2] },
    ])
  })

  test('a device that lacks the variant takes its most accurate, one that holds none its edge; what is the same is played once', () => {
    const escalation = { to: { tier: 'edge', variant: 'd0' }, margin: 0.5, share: 0.1 } as const
    const all = [...choices, { ...choices[1], accuracyPercent: 85, escalation } as Choice]
    const holds = [
      [true, true, true, true],
      [false, true, true, true],
      [false, false, true, false],
    ]
    expect(uniformStrategies({ choices: all, devices, available: holds })).toEqual([
      { name: 'end/d0', decision: [0, 1, 2] },
      { name: 'end/d7', decision: [1, 1, 2] },
      { name: 'edge/d0', decision: [2, 2, 2] },
    ])
    const cloud: Choice = { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 }
    const two = [...all, cloud]
    const crowds = congestionDecisions({
      choices: two,
      devices,
      available: holds.map((row) => [...row, true]),
    })
    // The third idles in the cloud while the edge is measured, and at the edge while the cloud is.
    expect(crowds[0]).toEqual([2, 1, 4])
    expect(crowds).toContainEqual([1, 1, 2])
    expect(crowds).toContainEqual([4, 1, 2])
  })

  test('one and two of three devices on the shared tier, every device in one of the groups', () => {
    expect(texts(congestionDecisions({ choices, devices, available }))).toEqual([
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
      { control, log, devices, choices, available, signal: new AbortController().signal },
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
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
    const fleet = {
      control,
      log: new RoundLog(),
      devices,
      choices,
      available,
      signal: abort.signal,
    }
    expect(await playDecisions(fleet, [[0, 0, 0]], 20)).toEqual([])
  })
})

describe('a message', () => {
  test('holds as many decisions as its agent may be long', async () => {
    const log = new RoundLog()
    const names: string[] = []
    let round = 0
    const play = (agent: string) => {
      const closed = closedRound(round++, {}, {}, { agent })
      const progress = { realSteps: 0, plannedSteps: 0, updates: 0 }
      const beside = { goalPercent: 0, placements: {}, accuracyPercent: 80, goalViolations: 0 }
      log.add({ session: 's', round, agent, progress, ...beside, closed })
    }
    const control = {
      publish: async (_kind: string, message: unknown) => {
        const { agent = '' } = schemas.goal.parse(message)
        names.push(agent)
        setTimeout(() => {
          for (const _ of agent.split(';')) play(agent)
        })
      },
      subscribe: async () => () => {},
      droppedMessages: 0,
      droppedPublications: 0,
      connected: true,
      close: async () => {},
    }
    const many = Array.from({ length: 32 }, (_, index) => `device-${index}`)
    const fleet = {
      ...{ control, log, devices: many, choices, signal: new AbortController().signal },
      available: many.map(() => choices.map(() => true)),
    }
    const decisions = Array.from({ length: 41 }, () => many.map(() => 2))
    expect(await playDecisions(fleet, decisions, 1)).toHaveLength(41)
    expect(names.length).toBeGreaterThan(1)
    expect(names.flatMap((name) => name.slice('fixed:'.length).split(';'))).toHaveLength(41)
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
    const { responseTimesMs } = profileOf(rounds, { choices, devices, available })
    expect(responseTimesMs['end/d0']).toEqual([[101], [111], [121]])
    expect(responseTimesMs['end/d7']).toEqual([[10], [11], [12]])
    expect(responseTimesMs['edge/d0']).toEqual([
      [69, Number.POSITIVE_INFINITY, 170],
      [71, Number.POSITIVE_INFINITY, 171],
      [72, Number.POSITIVE_INFINITY, 172],
    ])
  })

  test('what escalates takes its first answer, and the planned share of the second, at every load', () => {
    const to = { tier: 'edge', variant: 'd0' } as const
    const escalation = { to, margin: 0.5, share: 0.2 }
    const near = { ...escalation, to: { tier: 'end', variant: 'd0' } as const }
    const small = { placement: { tier: 'end', variant: 'd7' } as const, accuracyPercent: 85 }
    const all: Choice[] = [...choices, { ...small, escalation }, { ...small, escalation: near }]
    const open = devices.map((_, device) => all.map((_, choice) => device === 0 || choice < 3))
    const { responseTimesMs } = profileOf(rounds, { choices: all, devices, available: open })
    expect(responseTimesMs['end/d7>end/d0@0.5']?.slice(1)).toEqual([[], []])
    // 10 + 0.2 · 69, not measured with two, 10 + 0.2 · 170.
    const [first] = responseTimesMs['end/d7>edge/d0@0.5'] ?? []
    expect(first).toEqual([expect.closeTo(23.8), Number.POSITIVE_INFINITY, expect.closeTo(44)])
    // 10 + 0.2 · 101
    expect(responseTimesMs['end/d7>end/d0@0.5']?.[0]).toEqual([expect.closeTo(30.2)])
  })
})
