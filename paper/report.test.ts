import { expect, test } from 'vitest'
import { inCell } from './report.ts'

test('comparisons are found by what their cell has, whatever it has beside', () => {
  const of = (cell: Readonly<Record<string, string>>) => ({
    measure: 'steps',
    cell,
    paper: null,
    ours: 1,
    low: 1,
    high: 1,
    verdict: 'not in the paper' as const,
    note: '',
  })
  const [five, three] = [of({ users: '5', goal: '85 %' }), of({ users: '3', goal: '85 %' })]
  expect(inCell([five, three], { users: '5' })).toEqual([five])
  expect(inCell([five, three], { goal: '85 %' })).toEqual([five, three])
  expect(inCell([five, three], { users: '5', agent: 'hybrid' })).toEqual([])
})
