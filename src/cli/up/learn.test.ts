import { describe, expect, test } from 'vitest'
import { closedRound } from './closed-rounds.fixture.ts'
import { hasConverged, learn, learnedPlacements } from './learn.ts'
import { RoundLog } from './round-log.ts'

const roundAt = (round: number, placement: string) =>
  closedRound(round, { 'device-1': placement }, { 'device-1': 10 })

function announce(log: RoundLog, round: number): void {
  log.add({
    session: 's',
    round: round + 1,
    agent: 'hybrid',
    goalPercent: 85,
    placements: {},
    accuracyPercent: 89.9,
    progress: { realSteps: round, plannedSteps: 0, updates: 0 },
    goalViolations: 0,
    closed: roundAt(round, 'end/d4'),
  })
}

describe('hasConverged', () => {
  test('95 of the newest 100 rounds ran the same joint decision', () => {
    const rounds = Array.from({ length: 300 }, (_, round) =>
      roundAt(round, round < 150 || round % 20 === 0 ? 'end/d0' : 'end/d4'),
    )
    expect(hasConverged(rounds)).toBe(true)
  })

  test('not with six that differ, and not with too few rounds', () => {
    const rounds = Array.from({ length: 100 }, (_, round) =>
      roundAt(round, round < 6 ? 'end/d0' : 'end/d4'),
    )
    expect(hasConverged(rounds)).toBe(false)
    expect(hasConverged(rounds.slice(6))).toBe(false)
  })
})

test('what was learned is the decision of most of the last fifth, not the last exploration', () => {
  const rounds = Array.from({ length: 50 }, (_, round) =>
    roundAt(round, round < 40 ? 'end/d0' : round === 49 ? 'cloud/d0' : 'end/d4'),
  )
  expect(learnedPlacements(rounds)).toEqual({ 'device-1': 'end/d4' })
  expect(learnedPlacements([])).toEqual({})
})

describe('learn', () => {
  test('its time counts from the first round', async () => {
    const log = new RoundLog()
    const over = learn(log, { forMs: 50, untilConverged: false }, new AbortController().signal)
    let isOver = false
    void over.then(() => {
      isOver = true
    })
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(isOver).toBe(false)
    announce(log, 0)
    await over
  })

  test('ends when converged', async () => {
    const log = new RoundLog()
    const over = learn(log, { untilConverged: true }, new AbortController().signal)
    for (let round = 0; round < 100; round++) {
      announce(log, round)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await over
  })

  test('ends when interrupted, also before the first round', async () => {
    const abort = new AbortController()
    const over = learn(new RoundLog(), { untilConverged: false }, abort.signal)
    abort.abort()
    await over
  })
})
