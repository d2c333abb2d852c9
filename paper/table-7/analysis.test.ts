import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { exampleRuns } from '../example-run.fixture.ts'
import { DQN, HYBRID, Q_LEARNING_PENALTY } from '../learners.ts'
import type { Training } from '../trainings.ts'
import { analyse } from './analysis.ts'

const random = new Random(5)
const analysed = (runs: readonly Training[]) => analyse(runs, () => random.uniform())

/** 2 minutes of experience and 1 of computation, with five users. */
const MINUTES = { experienceSeconds: 120, computationSeconds: 60 }
const hybrid = exampleRuns(HYBRID, [MINUTES, MINUTES])
const find = (runs: readonly Training[], cell: Readonly<Record<string, string>>) =>
  analysed(runs).comparisons.find((each) =>
    Object.entries(cell).every(([name, value]) => each.cell[name] === value),
  )

describe('minutes', () => {
  test.each([
    ['computation', 34, 1],
    ['experience', 19, 2],
    ['total', 53, 3],
  ])('%s beside the paper’s %d', (time, paper, ours) => {
    expect(find(hybrid, { learner: HYBRID.name, time })).toMatchObject({
      paper,
      ours,
      verdict: 'better',
    })
  })

  test('less than a minute is told in seconds too', () => {
    const runs = exampleRuns(HYBRID, [{ experienceSeconds: 9.6, computationSeconds: 0.36 }])
    expect(find(runs, { time: 'computation' })?.note).toBe('0.36 s')
    expect(find(runs, { time: 'total' })?.note).toBe('10 s')
    expect(find(hybrid, { time: 'total' })?.note).toBe('')
  })

  test('a run that does not converge takes for ever', () => {
    const runs = exampleRuns(HYBRID, [{ ...MINUTES, converged: false }])
    expect(find(runs, { time: 'total' })).toMatchObject({ ours: null, verdict: 'worse' })
  })

  test('a baseline quicker than the paper’s is only lower', () => {
    const runs = exampleRuns(DQN, [MINUTES])
    expect(find(runs, { time: 'total' })).toMatchObject({ paper: 330, verdict: 'lower' })
  })
})

describe('ratios', () => {
  const times = (factor: number) => ({
    experienceSeconds: factor * 120,
    computationSeconds: factor * 60,
  })
  const dqn = (factor: number) => exampleRuns(DQN, [times(factor), times(factor)])

  test('beside the paper’s 330 / 53', () => {
    const ratio = find([...hybrid, ...dqn(10)], {
      ratio: 'dqn (exact) ÷ hybrid (exact)',
      time: 'total',
    })
    expect(ratio).toMatchObject({ ours: 10, low: 10, high: 10, verdict: 'better' })
    expect(ratio?.paper).toBeCloseTo(6.226, 3)
  })

  test('goal by goal, which the claims are judged by', () => {
    const runs = [...hybrid, ...dqn(7), ...exampleRuns(Q_LEARNING_PENALTY, [times(110)])]
    expect(find(runs, { ratio: 'dqn (exact) ÷ hybrid (exact)', goal: '85 %' })?.ours).toBe(7)
    const { claims } = analysed(runs)
    const holds = claims.map((each) => each.holds)
    // 7 times dqn's time is short of 7.5, 110 times q-learning's is not of 109.4, and a minute of computation is too much.
    expect(holds).toEqual([false, true, false])
  })
})

test('computation is also told for one step', () => {
  const step = analysed(hybrid).comparisons.find(({ measure }) => measure.includes('one real step'))
  expect(step?.ours).toBeCloseTo(60_000 / 97, 6)
})

test('the summary has the totals of the largest fleet', () => {
  const three = exampleRuns(HYBRID, [{ ...MINUTES, users: 3 }])
  expect(analysed([...three, ...hybrid]).summary).toBe(
    'Total time to learn with 5 users, median over the goals: hybrid (exact) 3.0 min.',
  )
  expect(analysed(exampleRuns(HYBRID, [{ converged: false }])).summary).toContain('∞')
})
