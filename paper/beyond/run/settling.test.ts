import { expect, test } from 'vitest'
import { settledAt } from './settling.ts'

test('counts the steps before the first good decision that no bad one follows', () => {
  expect(settledAt([1.2, 1.04, 1.015, 1.03, 1.019, 1.004, 1.01])).toEqual({
    '1 %': 5,
    '2 %': 4,
    '5 %': 1,
  })
})

test('is there from the beginning, or not at all', () => {
  expect(settledAt([1, 1, 1])).toEqual({ '1 %': 0, '2 %': 0, '5 %': 0 })
  expect(settledAt([1, 1, 1.02])).toEqual({ '1 %': null, '2 %': 0, '5 %': 0 })
  expect(settledAt([Number.NaN])).toEqual({ '1 %': null, '2 %': null, '5 %': null })
})
