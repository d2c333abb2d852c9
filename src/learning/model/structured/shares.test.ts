import { describe, expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { countAnswer, learnedShare, type ShareCount } from './shares.ts'

const FIRST = 3

function counted(answers: readonly (readonly [stated: number, escalated: boolean])[]) {
  const counts = new Map<number, ShareCount>()
  for (const [stated, escalated] of answers) countAnswer(counts, FIRST, stated, escalated)
  return counts.get(FIRST)
}

it('is what the choice states while nothing was answered', () => {
  expect(learnedShare(undefined, 0.2)).toBe(0.2)
  expect(learnedShare({ answers: 5, escalated: 0, stated: 0 }, 0.2)).toBe(0.2)
})

it('with one margin is the mean of a Beta prior that counts like 100 answers', () => {
  const count = counted([...Array(30).fill([0.2, true]), ...Array(20).fill([0.2, false])])
  // 20 of 100 before, 30 of 50 heard.
  expect(learnedShare(count, 0.2)).toBeCloseTo(50 / 150, 12)
})

describe('one margin tells of others', () => {
  const count = counted(Array.from({ length: 100 }, (_, i) => [0.1, i % 5 === 0]))

  it('by the same factor', () => {
    // 10 of 100 before, 20 of 100 heard: 1.5 times what is stated.
    expect(learnedShare(count, 0.1)).toBeCloseTo(0.15, 12)
    expect(learnedShare(count, 0.3)).toBeCloseTo(0.45, 12)
  })

  it('up to all', () => {
    expect(learnedShare(count, 0.9)).toBe(1)
  })

  it('but not of another first variant', () => {
    const counts = new Map<number, ShareCount>()
    countAnswer(counts, FIRST, 0.1, true)
    expect(counts.get(FIRST + 1)).toBeUndefined()
  })
})

it('follows pictures that change', () => {
  const random = new Random(1)
  const counts = new Map<number, ShareCount>()
  const hear = (answers: number, share: number) => {
    for (let i = 0; i < answers; i++) countAnswer(counts, FIRST, 0.2, random.uniform() < share)
  }
  hear(20_000, 0.1)
  expect(learnedShare(counts.get(FIRST), 0.2)).toBeCloseTo(0.1, 1)
  hear(8000, 0.5)
  expect(learnedShare(counts.get(FIRST), 0.2)).toBeGreaterThan(0.45)
  expect(counts.get(FIRST)?.answers).toBeLessThanOrEqual(2000)
})
