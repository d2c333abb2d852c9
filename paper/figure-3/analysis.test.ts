import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { exampleRuns } from '../example-run.fixture.ts'
import { DQN, HYBRID } from '../learners.ts'
import type { Training } from '../trainings.ts'
import { analyse } from './analysis.ts'
import { experiment, stepsUntil } from './run.ts'

const random = new Random(5)
const analysed = (runs: readonly Training[]) => analyse(runs, () => random.uniform())

/** The optimum takes 100 ms. */
const curve = (...curveMs: readonly (number | null)[]) => ({
  oracleResponseTimeMs: 100,
  curveSteps: [1, 10, 100],
  curveMs,
})

describe('one panel', () => {
  test('is the interquartile mean over the optimum, with its interval', () => {
    const runs = exampleRuns(HYBRID, [
      curve(900, 400, 100),
      curve(300, 200, 100),
      curve(300, 200, 100),
      curve(100, 100, 100),
    ])
    const valueAfter = (step: string) =>
      analysed(runs).comparisons.find(({ measure }) => measure.includes(`after ${step} real steps`))
    expect(valueAfter('10')).toMatchObject({
      cell: { users: '5', learner: 'hybrid (exact)', goal: '85 %' },
      paper: null,
      ours: 2,
    })
    expect(valueAfter('100')).toMatchObject({ ours: 1, low: 1, high: 1 })
    expect(valueAfter('1,000')).toBeUndefined()
  })

  test('a decision that breaks the goal counts with the penalty of 600 ms', () => {
    const [after10] = analysed(exampleRuns(HYBRID, [curve(200, null, 100)])).comparisons
    expect(after10?.ours).toBe(6)
  })

  test('has arrived when it stays within 5 % of the optimum', () => {
    const runs = [
      ...exampleRuns(HYBRID, [curve(200, 104, 105)]),
      ...exampleRuns(DQN, [curve(100, 100, 106)]),
    ]
    const { summary, claims } = analysed(runs)
    expect(summary).toBe(
      'Within 5 % of the optimum for good: hybrid (exact) in 1 of 1 panels, the last after 10 steps; dqn (exact) in 0 of 1 panels.',
    )
    expect(claims).toHaveLength(1)
    expect(claims[0]?.holds).toBe(true)
  })
})

test('the picture has a panel for every number of users and goal, a band and a line for every learner', () => {
  const two = [curve(200, 150, 100), curve(300, 100, 100)]
  const runs = [
    ...exampleRuns(HYBRID, two),
    ...exampleRuns(DQN, two),
    ...exampleRuns(
      HYBRID,
      two.map((each) => ({ ...each, users: 1, goal: 0 })),
    ),
  ]
  const [chart] = analysed(runs).charts
  expect(chart?.name).toBe('curves-exact')
  for (const label of ['1 user', '5 users', 'goal Min', 'goal 85 %']) {
    expect(chart?.svg).toContain(label)
  }
  // In one panel alone, each line by its own name.
  expect(chart?.svg.match(/>(hybrid|dqn)</g)?.toSorted()).toEqual(['>dqn<', '>hybrid<'])
  expect(chart?.svg.match(/<path[^>]*fill="#/g)).toHaveLength(3)
  expect(chart?.svg.match(/<path[^>]*stroke="#/g)).toHaveLength(3)
})

describe('the sweep', () => {
  test('records ten steps to a decade, in order and once each', () => {
    expect(stepsUntil(20)).toEqual([1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20])
    const steps = stepsUntil(2500)
    expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b))
    expect(steps).toContain(100)
    expect(steps.at(-1)).toBe(2500)
  })

  test('has one to five users at every goal, and runs on', () => {
    const runs = experiment.sweep({ quick: false, seeds: 1 })
    expect(new Set(runs.map(({ users }) => users))).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(new Set(runs.map(({ goal }) => goal)).size).toBe(5)
    for (const { curveSteps, maxSteps } of runs) {
      expect(curveSteps?.at(-1)).toBeLessThanOrEqual(maxSteps)
    }
  })
})
