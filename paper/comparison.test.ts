import { describe, expect, test } from 'vitest'
import { Random } from '../src/random.ts'
import { compareMeans, compareMedian, compareRatio } from './comparison.ts'

const random = new Random(3)
const uniform = () => random.uniform()
const compared = (paper: number | undefined, better: 'low' | 'high' | 'neither' = 'low') => ({
  measure: 'steps',
  cell: { users: '5' },
  note: 'a note',
  paper,
  better,
})

describe('a median', () => {
  test('carries its cell, measure and note', () => {
    expect(compareMedian(compared(6000), [3, 3, 3], uniform)[0]).toEqual({
      measure: 'steps',
      cell: { users: '5' },
      note: 'a note',
      paper: 6000,
      ours: 3,
      low: 3,
      high: 3,
      verdict: 'better',
    })
  })

  test.each([
    [5, 'low', 'reproduced'],
    [11, 'low', 'better'],
    [1, 'low', 'worse'],
    [11, 'high', 'worse'],
    [1, 'high', 'better'],
    [11, 'neither', 'lower'],
    [1, 'neither', 'higher'],
    [undefined, 'low', 'not in the paper'],
  ] as const)('of 2 to 10 beside %s, %s is better: %s', (paper, better, verdict) => {
    const values = [2, 3, 4, 5, 6, 7, 8, 9, 10]
    expect(compareMedian(compared(paper, better), values, uniform)[0]?.verdict).toBe(verdict)
  })

  test('of runs half of which do not converge has no bound, and decides nothing that it contains', () => {
    const [comparison] = compareMedian(
      compared(50),
      [10, Infinity, 20, Infinity, Infinity],
      uniform,
    )
    expect(comparison).toMatchObject({ ours: null, high: null, verdict: 'undecided' })
  })
})

describe('a ratio', () => {
  test('is that of the medians', () => {
    const [ratio] = compareRatio(compared(10, 'high'), [40, 60, 50], [2, 2, 2], uniform)
    expect(ratio).toMatchObject({ ours: 25, low: 20, high: 30, verdict: 'better' })
  })

  test('is infinite where only the baseline does not converge', () => {
    const [ratio] = compareRatio(compared(10, 'high'), [Infinity, Infinity], [2, 2], uniform)
    expect(ratio).toMatchObject({ ours: null, low: null, high: null, verdict: 'better' })
  })

  test('is not drawn where hybrid does not converge', () => {
    expect(compareRatio(compared(10, 'high'), [40], [Infinity], uniform)).toEqual([])
  })
})

test('a ratio of means resamples what differs in one setting alone together', () => {
  const [ratio] = compareMeans(compared(undefined), [10, 200, 3000], [5, 100, 1500], uniform)
  expect(ratio).toMatchObject({ ours: 2, low: 2, high: 2, verdict: 'not in the paper' })
  expect(compareMeans(compared(undefined), [1, 2], [1], uniform)).toEqual([])
})

test('nothing is compared of no values', () => {
  expect(compareMedian(compared(5), [], uniform)).toEqual([])
  expect(compareRatio(compared(5), [], [1], uniform)).toEqual([])
  expect(compareRatio(compared(5), [1], [], uniform)).toEqual([])
  expect(compareMeans(compared(5), [], [], uniform)).toEqual([])
})
