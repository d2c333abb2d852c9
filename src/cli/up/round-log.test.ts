import { describe, expect, test } from 'vitest'
import type { ClosedRound, JointDecision } from '../../control/messages.ts'
import { Random } from '../../random.ts'
import { firstAndLastMs, onlyGoalOf, RoundLog, roundsUntilWithin } from './round-log.ts'

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

test('the goal of all rounds, where it was one', () => {
  expect(onlyGoalOf([])).toBeUndefined()
  expect(onlyGoalOf([closed(0, 90), closed(1, 80)])).toBe(85)
  expect(onlyGoalOf([closed(0, 90), { ...closed(1, 80), goalPercent: 80 }])).toBeUndefined()
})

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

  test('what the orchestrator decided itself is no round of learning', () => {
    const log = new RoundLog()
    log.add(announcement('a', { ...closed(0, 90), agent: 'safe', byRule: true }))
    log.add(announcement('a', closed(1, 80)))
    expect(log.rounds.map(({ round }) => round)).toEqual([1])
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

describe('roundsUntilWithin', () => {
  const rounds = (timesMs: readonly number[]) => timesMs.map((ms, round) => closed(round, ms))
  const repeat = (count: number, ms: number) => Array<number>(count).fill(ms)

  test('counts what came before the first window that is within, and stays so', () => {
    expect(roundsUntilWithin(0.1, 100, rounds(repeat(40, 105)))).toBe(0)
    // With k rounds of 150 ms in 20 the mean is 100 + 2.5 k: within while k <= 4.
    expect(roundsUntilWithin(0.1, 100, rounds([...repeat(30, 150), ...repeat(60, 100)]))).toBe(26)
  })

  test('what was reached and lost again does not count', () => {
    const lost = [...repeat(30, 100), ...repeat(70, 150), ...repeat(100, 100)]
    expect(roundsUntilWithin(0.1, 100, rounds(lost))).toBe(96)
    expect(roundsUntilWithin(0.1, 100, rounds(lost.slice(0, 100)))).toBeUndefined()
  })

  test('one slow round in a long run changes nothing', () => {
    const timesMs = repeat(1000, 100)
    timesMs[500] = 1000
    expect(roundsUntilWithin(0.1, 100, rounds(timesMs))).toBe(0)
  })

  test('a naive count of every window agrees, on random rounds', () => {
    const random = new Random(3)
    for (let run = 0; run < 50; run++) {
      const timesMs = Array.from({ length: 20 + random.integer(60) }, () => 90 + random.integer(40))
      const windows = timesMs.slice(0, -19).map((_, start) => {
        const window = timesMs.slice(start, start + 20)
        return window.reduce((sum, ms) => sum + ms, 0) / 20 <= 108
      })
      const found = windows.findIndex((isWithin, start) => {
        const after = windows.slice(start)
        return isWithin && after.filter(Boolean).length >= 0.95 * after.length
      })
      expect(roundsUntilWithin(0.08, 100, rounds(timesMs)) ?? -1).toBe(found)
    }
  })

  test('fewer rounds than a window tell nothing', () => {
    expect(roundsUntilWithin(0.1, 100, rounds(repeat(19, 100)))).toBeUndefined()
  })
})
