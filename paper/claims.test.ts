import { describe, expect, test } from 'vitest'
import { listed, ratioClaim } from './claims.ts'
import { DQN, HYBRID, Q_LEARNING } from './learners.ts'
import type { Comparison } from './report.ts'

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

const holds = (ratios: readonly Comparison[], goals?: readonly string[]) =>
  ratioClaim('as many steps', 11.6, ratios, [DQN, HYBRID], goals).map((claim) => claim.holds)

describe('hybrid is quicker by a factor', () => {
  test('where it is at every goal', () => {
    expect(holds([ratio('Min', 12), ratio('Max', 11.6)])).toEqual([true])
    expect(holds([ratio('Min', 12), ratio('Max', 11.5)])).toEqual([false])
  })

  test('a baseline that does not converge is slower by any', () => {
    expect(holds([ratio('Min', null)])).toEqual([true])
  })

  test('goals, users and learners that it is not of do not count', () => {
    expect(holds([ratio('Min', 12), ratio('Max', 1)], ['Min'])).toEqual([true])
    expect(holds([ratio('Min', 12), ratio('Min', 1, '4')])).toEqual([true])
    expect(ratioClaim('', 2, [ratio('Min', 12)], [Q_LEARNING, HYBRID])).toEqual([])
  })

  test('says of what it is', () => {
    const [claim] = ratioClaim('as many steps', 11.6, [ratio('Min', 12)], [DQN, HYBRID], ['Min'])
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
