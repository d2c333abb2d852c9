import { describe, expect, test } from 'vitest'
import { SCORES, score } from './example-scores.fixture.ts'
import {
  byScenario,
  claimOfMean,
  compared,
  gainBySeed,
  listed,
  lowest,
  meanGains,
  medianGains,
  perNode,
  signed,
} from './measures.ts'
import { pairsOf } from './scores.ts'

describe('pairs', () => {
  test('gain by workload the mean of its seeds', () => {
    expect(byScenario(pairsOf(SCORES, 'a', 'b'))).toEqual([
      ['w1', 2],
      ['w2', 4],
      ['w3', -2],
    ])
  })

  test('gain in the median workload, and on average over workloads and seeds', () => {
    expect(medianGains(SCORES, 'a', 'b')).toEqual([['n1', 2]])
    expect(meanGains(SCORES, 'a', 'b')).toEqual([['n1', 1.5]])
    // The other way round, and of a node that has but one of both: nothing.
    const alone = score('a', 'w1', 101, 9, { node: 'n2' })
    expect(medianGains([...SCORES, alone], 'b', 'a')).toEqual([['n1', -2]])
    expect(meanGains([...SCORES, alone], 'a', 'b')).toEqual([['n1', 1.5]])
  })

  test('gain by seed from the lowest to the highest', () => {
    // Seed 101: (1 + 4 − 2) / 3 = 1; seed 102: 3.
    expect(gainBySeed(SCORES, 'a', 'b')).toEqual({ mean: 2, low: 1, high: 3 })
    expect(gainBySeed(SCORES, 'a', 'c')).toBeUndefined()
  })

  test('are told by the one that gains least', () => {
    expect(lowest(pairsOf(SCORES, 'a', 'b'))).toBe('lowest −2.00 (w3, n1)')
    expect(lowest([])).toBe('')
  })
})

test('nodes without the number are left out', () => {
  const two = [score('a', 'w1', 101, 5, { node: 'n2' }), ...SCORES]
  const counted = perNode(two, (own) => (own.length > 1 ? own.length : Number.NaN))
  expect(counted).toEqual([['n1', 8]])
})

describe('what is written', () => {
  test('has a sign and two digits', () => {
    expect([0.351, -1.2, 0].map(signed)).toEqual(['+0.35', '−1.20', '+0.00'])
    expect(
      listed([
        ['n1', 3.7],
        ['n2', -0.5],
      ]),
    ).toBe('n1 +3.70; n2 −0.50')
  })

  test('is a claim of a mean where there is one', () => {
    const claim = (values: readonly number[]) =>
      claimOfMean('at least 2', values, (mean) => mean >= 2, signed)
    expect(claim([1, 3])).toEqual([{ claim: 'at least 2', measured: '+2.00', holds: true }])
    expect(claim([1, 2])).toMatchObject([{ measured: '+1.50', holds: false }])
    expect(claim([])).toEqual([])
  })

  test('is beside no paper’s number', () => {
    expect(compared('points', { node: 'n1' }, { mean: 2, low: 1, high: 3 })).toMatchObject([
      { ours: 2, low: 1, high: 3, paper: null, verdict: 'not in the paper' },
    ])
    expect(compared('points', { node: 'n1' }, undefined)).toEqual([])
  })
})
