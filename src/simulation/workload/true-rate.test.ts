import { expect, test } from 'vitest'
import { trueRate } from './true-rate.ts'

test('the rate of the segment that a time is in, the last one for ever', () => {
  const rate = trueRate([
    { durationMs: 10, ratePerS: 1 },
    { durationMs: 5, ratePerS: 7 },
    { durationMs: 5, ratePerS: 0 },
    { durationMs: 5, ratePerS: 3 },
  ])
  expect([0, 9.9, 10, 14.9, 21, 100].map(rate)).toEqual([1, 1, 7, 7, 3, 3])
})

test('no segment, no rate', () => {
  expect(trueRate([])(5)).toBe(0)
})
