import { describe, expect, test } from 'vitest'
import { score as scoreOf } from './example-scores.fixture.ts'
import type { Score } from './scores.ts'
import { HINDSIGHT, KNOWLEDGE, PRICED } from './sweep.ts'
import { isVariation, variationClaims, variationTables } from './variations.ts'

function score(policy: string, percent: number, change: Partial<Score> = {}): Score {
  return scoreOf(policy, 'calm', 101, percent, { violationPercent: 4, ...change })
}

const VIOLENT = { scenario: 'violent', family: 'gamma' }
// biome-ignore format: one policy a line
const SCORES = [
  score('anticipating-fit', 60), score('anticipating-fit', 50, VIOLENT),
  score('slack-fit', 58), score('slack-fit', 45, VIOLENT),
  score(HINDSIGHT, 60.2), score(HINDSIGHT, 52, VIOLENT),
  score('learned-no-history', 60), score('learned-no-history', 51, VIOLENT),
  score('learned-true-rate', 60.2), score('learned-true-rate', 52.6, VIOLENT),
  score('learned-price-1', 59, { violationPercent: 2 }),
  score('learned-price-4', 58, { violationPercent: 1 }),
  score('smallest', 50, { violationPercent: 0 }),
  // Not learned with this seed, so it counts nowhere here.
  score('anticipating-fit', 20, { seed: 104 }), score(HINDSIGHT, 20, { seed: 104 }),
]

function oursOf(measure: string, scores: readonly Score[] = SCORES) {
  return variationTables(scores)
    .filter((comparison) => comparison.measure.startsWith(measure))
    .map(({ cell, ours }) => [...Object.values(cell), ours])
}

describe('what a learned policy knows', () => {
  test('is worth points above the rule and above averages, by hand', () => {
    const rows = oursOf('what a learned policy knows')
    expect(rows).toContainEqual([
      'averages of their rate',
      'anticipating-fit, all workloads',
      expect.closeTo(1.1),
    ])
    expect(rows).toContainEqual(['slack-fit', 'anticipating-fit, all workloads', -3.5])
    expect(rows).toContainEqual([
      'nothing but the queue',
      `${HINDSIGHT}, all workloads`,
      expect.closeTo(-0.6),
    ])
    expect(rows).toContainEqual([
      'averages of their rate, and its true value of the moment',
      `${HINDSIGHT}, gamma arrivals`,
      expect.closeTo(0.6),
    ])
  })

  test('is a claim of the true rate, with all the others beside it', () => {
    const [claim] = variationClaims(SCORES)
    expect(claim?.holds).toBe(false)
    expect(claim?.measured).toBe(
      'nothing but the queue −0.60; averages of their rate, and its true value of the moment +0.30',
    )
  })
})

describe('a price on violations', () => {
  test('has a line for each, and the rules beside it', () => {
    const rows = oursOf('what a violation costs').filter(([, name]) => name === 'violations (%)')
    expect(rows.map(([policy]) => policy)).toEqual([
      'anticipating-fit',
      'slack-fit',
      `${HINDSIGHT}, a violation costs 0 answers`,
      `${HINDSIGHT}, a violation costs 1 answers`,
      `${HINDSIGHT}, a violation costs 4 answers`,
      'smallest',
    ])
    expect(rows.map(([, , ours]) => ours)).toEqual([4, 4, 4, 2, 1, 0])
  })

  test('buys fewer violations, or the claim fails', () => {
    const holdsOf = (scores: readonly Score[]) => variationClaims(scores).at(-1)?.holds
    const calm = SCORES.filter(({ scenario }) => scenario === 'calm')
    expect(holdsOf(calm)).toBe(true)
    const dear = score('learned-price-4', 58, { violationPercent: 3 })
    const rest = calm.filter(({ policy }) => policy !== 'learned-price-4')
    expect(holdsOf([...rest, dear])).toBe(false)
  })
})

test('variations are told from the policies of every node', () => {
  const names = [...Object.keys(KNOWLEDGE), ...Object.keys(PRICED)]
  expect(names.every((policy) => isVariation(score(policy, 1)))).toBe(true)
  expect(isVariation(score(HINDSIGHT, 1))).toBe(false)
})

test('nothing is said of what was not run', () => {
  const usual = SCORES.filter((each) => !isVariation(each))
  expect(variationTables(usual)).toEqual([])
  expect(variationClaims(usual)).toEqual([])
})
