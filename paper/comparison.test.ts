import { describe, expect, test } from 'vitest'
import { Random } from '../src/random.ts'
import { compareMedian, compareRatio, stepCounts } from './comparison.ts'
import { EXAMPLE_RUN } from './example-run.fixture.ts'

const random = new Random(3)
const uniform = () => random.uniform()
const compared = (paper: number | undefined, better: 'low' | 'high' | 'neither' = 'low') => ({
  measure: 'steps',
  cell: { users: '5' },
  note: 'a note',
  paper,
  better,
})

test('steps are those to convergence, infinitely many without', () => {
  expect(stepCounts([EXAMPLE_RUN, { ...EXAMPLE_RUN, converged: false }])).toEqual([97, Infinity])
})

describe('a median', () => {
  test('carries its cell, measure and note', () => {
    expect(compareMedian(compared(6000), [3, 3, 3], uniform)).toEqual({
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
    expect(compareMedian(compared(paper, better), values, uniform).verdict).toBe(verdict)
  })

  test('of runs half of which do not converge has no bound, and decides nothing that it contains', () => {
    const comparison = compareMedian(compared(50), [10, Infinity, 20, Infinity, Infinity], uniform)
    expect(comparison).toMatchObject({ ours: null, high: null, verdict: 'undecided' })
  })
})

describe('a ratio', () => {
  test('is that of the medians', () => {
    const ratio = compareRatio(compared(10, 'high'), [40, 60, 50], [2, 2, 2], uniform)
    expect(ratio).toMatchObject({ ours: 25, low: 20, high: 30, verdict: 'better' })
  })

  test('is infinite where only the baseline does not converge', () => {
    const ratio = compareRatio(compared(10, 'high'), [Infinity, Infinity], [2, 2], uniform)
    expect(ratio).toMatchObject({ ours: null, low: null, high: null, verdict: 'better' })
  })

  test('is not drawn where hybrid does not converge', () => {
    expect(compareRatio(compared(10, 'high'), [40], [Infinity], uniform)).toBeNull()
  })
})
