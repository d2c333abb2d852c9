import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import {
  agentChanges,
  append,
  closedRound,
  MAX_ROUNDS,
  mean,
  movingMean,
  type Round,
} from './rounds.ts'

function roundNumber(round: number): Round {
  return {
    round,
    agent: 'hybrid',
    responseTimeMs: 300,
    accuracyPercent: 88,
    goalPercent: 85,
    violated: false,
    realSteps: round,
    plannedSteps: 10 * round,
  }
}

test('a round is appended, and known or older ones change nothing', () => {
  const two = append(append([], roundNumber(1)), roundNumber(2))
  expect(two.map(({ round }) => round)).toEqual([1, 2])
  expect(append(two, roundNumber(2))).toBe(two)
  expect(append(two, roundNumber(1))).toBe(two)
})

test('only the newest rounds are kept', () => {
  let rounds: readonly Round[] = []
  for (let round = 0; round < MAX_ROUNDS + 5; round++) rounds = append(rounds, roundNumber(round))
  expect(rounds).toHaveLength(MAX_ROUNDS)
  expect(rounds[0]?.round).toBe(5)
  expect(rounds.at(-1)?.round).toBe(MAX_ROUNDS + 4)
})

test('a joint decision that closed nothing gives no round', () => {
  const joint = {
    session: 's',
    round: 1,
    agent: 'hybrid',
    goalPercent: 85,
    placements: {},
    accuracyPercent: 89,
    progress: { realSteps: 3, plannedSteps: 40, updates: 2 },
    goalViolations: 0,
  }
  expect(closedRound(joint)).toBeUndefined()
  const closed = {
    round: 7,
    agent: 'oracle',
    goalPercent: 80,
    placements: { a: 'end/d0' },
    responseTimesMs: { a: 412 },
    responseTimeMs: 412,
    accuracyPercent: 79.5,
    violated: true,
  }
  expect(closedRound({ ...joint, closed })).toEqual({
    round: 7,
    agent: 'oracle',
    responseTimeMs: 412,
    accuracyPercent: 79.5,
    goalPercent: 80,
    violated: true,
    realSteps: 3,
    plannedSteps: 40,
  })
})

test('means by hand', () => {
  expect(mean([])).toBeUndefined()
  expect(mean([1, 2, 6])).toBe(3)
  expect(movingMean([], 3)).toEqual([])
  expect(movingMean([3, 5, 7, 9, 2], 3)).toEqual([3, 4, 5, 7, 6])
})

test('the moving mean equals the mean of each window', () => {
  const random = new Random(5)
  for (let trial = 0; trial < 50; trial++) {
    const values = Array.from({ length: random.integer(60) }, () => random.uniform() * 500)
    const window = 1 + random.integer(25)
    const expected = values.map((_, index) =>
      mean(values.slice(Math.max(0, index - window + 1), index + 1)),
    )
    movingMean(values, window).forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 8)
    })
  }
})

test('a change of agent is marked at its first round', () => {
  expect(agentChanges([])).toEqual([])
  const agents = ['hybrid', 'hybrid', 'oracle', 'oracle', 'fixed:end/d0']
  const rounds = agents.map((agent, index) => ({ ...roundNumber(10 + index), agent }))
  expect(agentChanges(rounds)).toEqual([
    { round: 12, label: 'oracle' },
    { round: 14, label: 'fixed:end/d0' },
  ])
})
