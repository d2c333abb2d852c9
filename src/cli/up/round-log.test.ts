import { describe, expect, test } from 'vitest'
import type { ClosedRound, JointDecision } from '../../control/messages.ts'
import { firstAndLastMs, RoundLog } from './round-log.ts'

function closed(round: number, responseTimeMs: number): ClosedRound {
  return {
    round,
    agent: 'hybrid',
    goalPercent: 85,
    placements: { 'device-1': 'end/d0' },
    responseTimesMs: { 'device-1': responseTimeMs },
    responseTimeMs,
    accuracyPercent: 89.9,
    violated: false,
  }
}

function announcement(session: string, last?: ClosedRound): JointDecision {
  return {
    session,
    round: (last?.round ?? -1) + 1,
    agent: 'hybrid',
    goalPercent: 85,
    placements: { 'device-1': 'end/d0' },
    accuracyPercent: 89.9,
    progress: { realSteps: 0, plannedSteps: 0, updates: 0 },
    goalViolations: 0,
    ...(last && { closed: last }),
  }
}

describe('RoundLog', () => {
  test('keeps every closed round once, also when the retained message comes twice', () => {
    const log = new RoundLog()
    log.add(announcement('a'))
    log.add(announcement('a', closed(0, 90)))
    log.add(announcement('a', closed(0, 90)))
    log.add(announcement('a', closed(1, 80)))
    expect(log.rounds.map((round) => round.responseTimeMs)).toEqual([90, 80])
    expect(log.latest?.round).toBe(2)
  })

  test('a new session may begin with a round number seen before', () => {
    const log = new RoundLog()
    log.add(announcement('a', closed(0, 90)))
    log.add(announcement('b', closed(0, 70)))
    expect(log.rounds).toHaveLength(2)
  })

  test('next resolves with the next closed round, or when aborted', async () => {
    const log = new RoundLog()
    const abort = new AbortController()
    let woken = 0
    const waiting = log.next(abort.signal).then(() => woken++)
    log.add(announcement('a'))
    await Promise.resolve()
    expect(woken).toBe(0)
    log.add(announcement('a', closed(0, 90)))
    await waiting
    expect(woken).toBe(1)
    const aborted = log.next(abort.signal)
    abort.abort()
    await aborted
    await log.next(abort.signal)
  })
})

describe('firstAndLastMs', () => {
  test('first: mean of 20 rounds; last: mean of the last fifth', () => {
    const rounds = Array.from({ length: 100 }, (_, round) => closed(round, round))
    // Means of 0…19 and of 80…99.
    expect(firstAndLastMs(rounds)).toEqual({ first: 9.5, last: 89.5 })
  })

  test('few rounds: at least one counts', () => {
    expect(firstAndLastMs([closed(0, 7), closed(1, 9)])).toEqual({ first: 8, last: 9 })
    expect(firstAndLastMs([])).toEqual({ first: undefined, last: undefined })
  })
})
