import { describe, expect, test } from 'vitest'
import { claimOfMost, listed, ratioClaim } from './claims.ts'
import { DQN, HYBRID, Q_LEARNING } from './learners.ts'
import { type Comparison, outcomeOf } from './report.ts'

const ratio = (goal: string, ours: number | null, users = '5'): Comparison => ({
  measure: 'ratio',
  cell: { users, ratio: 'dqn (exact) ÷ hybrid (exact)', goal },
  paper: 11.7,
  ours,
  low: ours && ours / 2,
  high: ours && 2 * ours,
  verdict: 'better',
  note: '',
})

const GOALS = ['Min', 'Max']

const holds = (ratios: readonly Comparison[], only?: readonly string[], goals = GOALS) =>
  ratioClaim('as many steps', 11.6, ratios, [DQN, HYBRID], { goals, ...(only && { only }) }).map(
    (claim) => claim.holds,
  )

describe('hybrid is quicker by a factor', () => {
  test('where it is at every goal', () => {
    expect(holds([ratio('Min', 12), ratio('Max', 11.6)])).toEqual([true])
    expect(holds([ratio('Min', 12), ratio('Max', 11.5)])).toEqual([false])
  })

  test('a goal that was run and has no ratio, or an infinite one, fails it', () => {
    expect(holds([ratio('Min', 12)])).toEqual([false])
    expect(holds([ratio('Min', 12), ratio('Max', null)])).toEqual([false])
    const [claim] = ratioClaim('', 2, [ratio('Min', 12)], [DQN, HYBRID], { goals: GOALS })
    expect(claim?.measured).toBe('Min 12 [6, 24], Max not shown')
  })

  test('hybrid that fails at four of five goals does not hold at the fifth', () => {
    const goals = ['Min', '80 %', '85 %', '89 %', 'Max']
    expect(holds([ratio('80 %', 900)], undefined, goals)).toEqual([false])
    expect(
      holds(
        goals.map((goal) => ratio(goal, 900)),
        undefined,
        goals,
      ),
    ).toEqual([true])
  })

  test('goals, users and learners that it is not of do not count', () => {
    expect(holds([ratio('Min', 12), ratio('Max', 1)], ['Min'])).toEqual([true])
    expect(holds([ratio('Min', 12), ratio('Min', 1, '4')], ['Min'])).toEqual([true])
    expect(holds([ratio('Min', 12)], ['80 %'])).toEqual([])
    const [other] = ratioClaim('', 2, [ratio('Min', 12)], [Q_LEARNING, HYBRID], { goals: ['Min'] })
    expect(other?.holds).toBe(false)
  })

  test('nothing is claimed where no goal was run', () => {
    expect(holds([ratio('Min', 12)], undefined, [])).toEqual([])
  })

  test('says of what it is', () => {
    const only = ['Min']
    const ratios = [ratio('Min', 12)]
    const [claim] = ratioClaim('as many steps', 11.6, ratios, [DQN, HYBRID], { goals: GOALS, only })
    expect(claim?.claim).toBe(
      'Five users: dqn (exact) takes at least 11.6 times as many steps as hybrid (exact), at Min.',
    )
    expect(claim?.measured).toBe('Min 12 [6, 24]')
  })
})

test('a list has the last name of each cell, and ∞ for what has no bound', () => {
  expect(listed([ratio('Min', 1234.5), ratio('85 %', null)])).toBe(
    'Min 1,235 [617, 2,469], 85 % ∞ [∞, ∞]',
  )
})

test('one run alone bears nothing out, though it may refute, however many seeds others have', () => {
  const outcome = (runs: readonly boolean[], share = 1) =>
    claimOfMost('claim', runs, (run) => run, { share }).map((claim) => outcomeOf(claim, 20))
  expect(outcome([true, true])).toEqual(['holds'])
  expect(outcome([true])).toEqual(['one run only'])
  expect(outcome([false])).toEqual(['fails'])
  expect(outcome([])).toEqual([])
  const [cells] = claimOfMost('claim', [true], () => true, { what: 'cells' })
  expect(cells && outcomeOf(cells, 20)).toBe('holds')
  expect(cells && outcomeOf(cells, 1)).toBe('one run only')
})
