import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { compare } from '../comparison.ts'
import { traffickedRun } from './example-runs.fixture.ts'
import { MEASURES } from './measures.ts'
import { trafficOf } from './traffic.ts'

test('response times above the best found, by what the agent hears of', () => {
  const random = new Random(1)
  const comparisons = compare(
    trafficOf([
      traffickedRun({}, { lastMs: 101 }),
      traffickedRun({ seed: 102 }, { lastMs: 103 }),
      traffickedRun(
        { hears: 'rounds', lost: 0.1 },
        { averagesMs: [null, 130, 0, 0, 0, 0, 0, 0, 0, 110] },
      ),
    ]),
    () => random.uniform(),
  )
  const rows = (measure: string) =>
    comparisons
      .filter((each) => each.measure === measure)
      .map(({ cell, ours }) => [...Object.values(cell), Number(ours?.toFixed(6))])
  expect(rows(MEASURES.trafficLast)).toEqual([
    ['none slow or lost', 'answers', '85 %', 2],
    ['10 % lost', 'rounds', '85 %', 0],
  ])
  expect(rows(MEASURES.trafficTenths)).toEqual([
    ['none slow or lost', 'answers', 'first tenth', 40],
    ['none slow or lost', 'answers', 'second tenth', 20],
    ['none slow or lost', 'answers', 'last tenth', 0],
    ['10 % lost', 'rounds', 'second tenth', 30],
    ['10 % lost', 'rounds', 'last tenth', 10],
  ])
})
