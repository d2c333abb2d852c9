import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { type Change, exampleRuns } from '../example-run.fixture.ts'
import { DQN, HYBRID, HYBRID_PENALTY, Q_LEARNING_PENALTY, Q_LEARNING_UNIFORM } from '../learners.ts'
import type { Training } from '../trainings.ts'
import { analyse } from './analysis.ts'

const random = new Random(5)

/** Whether the claim that contains the words holds; undefined if the runs cannot judge it. */
function judged(words: string, runs: readonly Training[]): boolean | undefined {
  const { claims } = analyse(runs, () => random.uniform())
  return claims.find(({ claim }) => claim.includes(words))?.holds
}

const counts = (...steps: readonly number[]) => steps.map((realSteps) => ({ realSteps }))

test('the median of hybrid over five users is at most 200', () => {
  expect(judged('at most 200', exampleRuns(HYBRID, counts(100, 200, 900)))).toBe(true)
  expect(judged('at most 200', exampleRuns(HYBRID, counts(100, 201, 900)))).toBe(false)
  const ofFour = exampleRuns(HYBRID, [{ users: 4 }])
  expect(judged('at most 200', ofFour)).toBeUndefined()
})

test('hybrid converges within 600 steps in 95 % of the runs', () => {
  const nineteen = counts(...Array.from({ length: 19 }, () => 600))
  const converged = (last: Change) => exampleRuns(HYBRID, [...nineteen, last])
  expect(judged('within 600', converged({ realSteps: 601 }))).toBe(true)
  expect(judged('within 600', converged({ converged: false }).slice(10))).toBe(false)
})

describe('ratios', () => {
  const hybrid = exampleRuns(HYBRID, counts(100, 100))
  test('to q-learning and to dqn', () => {
    const qLearning = (steps: number) => exampleRuns(Q_LEARNING_PENALTY, counts(steps, steps))
    expect(judged('166.6', [...hybrid, ...qLearning(16_660)])).toBe(true)
    expect(judged('166.6', [...hybrid, ...qLearning(16_000)])).toBe(false)
    expect(judged('11.6', [...hybrid, ...exampleRuns(DQN, counts(1200, 1200))])).toBe(true)
    expect(judged('11.6', [...hybrid, ...exampleRuns(DQN, counts(900, 900))])).toBe(false)
  })
})

describe('hybrid in the penalty regime', () => {
  const cell = (slow: number, users = 3) =>
    exampleRuns(
      HYBRID_PENALTY,
      Array.from({ length: 10 }, (_, index) => ({ users, realSteps: index < slow ? 2001 : 2000 })),
    )

  test('keeps to the paper’s counts with nine of ten seeds', () => {
    expect(judged('paper’s 2,000', cell(1))).toBe(true)
    expect(judged('paper’s 2,000', cell(2))).toBe(false)
    expect(judged('paper’s 2,000', cell(10, 5))).toBe(true)
  })

  test('names the cells that do not', () => {
    const { claims } = analyse([...cell(3), ...cell(3, 4)], () => random.uniform())
    const claim = claims.find((each) => each.claim.includes('paper’s 2,000'))
    expect(claim?.measured).toBe('1 of 2 cells; not 3 users, 85 %: 7 of 10')
  })
})

test('uniform q-learning takes the paper’s counts within a factor of 2, but for 85 %', () => {
  const uniform = (realSteps: number, goal: number) =>
    exampleRuns(Q_LEARNING_UNIFORM, [{ realSteps, goal, users: 3 }])
  expect(judged('AutoScale', [...uniform(8000, 0), ...uniform(9000, 85)])).toBe(true)
  expect(judged('AutoScale', uniform(14_001, 0))).toBe(false)
  expect(judged('AutoScale', uniform(3000, 85))).toBeUndefined()
})
