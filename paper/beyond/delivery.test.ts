import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { compare } from '../comparison.ts'
import { deliveriesOf } from './delivery.ts'
import { learnedRun } from './example-runs.fixture.ts'
import { MEASURES } from './measures.ts'

test('what pushing saves is of runs of the same seed', () => {
  const random = new Random(1)
  const run = (decisions: 'pushed' | 'consulted', seed: number, lastMs: number) =>
    learnedRun(
      { study: 'delivery', fleet: 'D', decisions, seed },
      { lastMs, optimumMs: decisions === 'pushed' ? 50 : 100 },
    )
  const comparisons = compare(
    deliveriesOf([
      run('consulted', 101, 100),
      run('consulted', 102, 200),
      run('pushed', 101, 50),
      run('pushed', 102, 80),
    ]),
    () => random.uniform(),
  )
  const saved = comparisons.find(({ measure }) => measure === MEASURES.saved)
  expect(saved?.ours).toBeCloseTo((50 + 60) / 2, 9)
  expect(saved?.note).toBe('between the optima 50.0')
  const times = comparisons.filter(({ measure }) => measure === MEASURES.delivery)
  expect(times.map(({ cell, ours }) => [cell['decisions'], ours])).toEqual([
    ['consulted', 150],
    ['pushed', 65],
  ])
})
