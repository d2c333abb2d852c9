import { expect, it } from 'vitest'
import { DecisionTimes } from './decision-times.ts'

it('is 0 before the first decision', () => {
  expect(new DecisionTimes().quantileMs(0.99)).toBe(0)
})

it('ranks the latest thousand', () => {
  const times = new DecisionTimes()
  for (let ms = 1; ms <= 100; ms++) times.note(ms)
  expect(times.quantileMs(0.5)).toBeCloseTo(50.5, 9)
  expect(times.quantileMs(1)).toBe(100)
  for (let decision = 0; decision < 999; decision++) times.note(7)
  // Of the first hundred only the last is left.
  expect([times.quantileMs(0.5), times.quantileMs(1)]).toEqual([7, 100])
  times.note(7)
  expect(times.quantileMs(1)).toBe(7)
})
