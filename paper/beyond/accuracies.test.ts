import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { compare } from '../comparison.ts'
import { accuraciesOf, CAREFUL } from './accuracies.ts'
import { learnedRuns } from './example-runs.fixture.ts'
import { MEASURES } from './measures.ts'

test('counts runs that ever break the goal, not decisions, and tells what care costs', () => {
  const random = new Random(1)
  const study = 'accuracies'
  const careful = { 'accuracies.confidence': 0.95 }
  const extra = (all: number) => ({ extraPercent: { first100: 0, all } })
  const comparisons = compare(
    accuraciesOf([
      ...learnedRuns({ study, overrides: careful }, [extra(4), extra(8)]),
      ...learnedRuns({ study }, [{ violations: 300 }, { violations: 0 }, { violations: 1 }, {}]),
    ]),
    () => random.uniform(),
  )
  const of = (measure: string) =>
    comparisons.filter((each) => each.measure === measure).map(({ ours }) => ours)
  expect(of(MEASURES.broken)).toEqual([0, 50])
  expect(of(MEASURES.price)[0]).toBe(6)
  expect(comparisons[0]?.cell['agent']).toBe(CAREFUL)
  expect(comparisons[1]?.note).toBe('301 decisions in 4 runs')
})
