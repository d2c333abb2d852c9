import { expect, it } from 'vitest'
import { wilsonInterval } from './wilson.ts'

it.each([
  [10, 10, 0.7225, 1],
  [0, 10, 0, 0.2775],
  [50, 100, 0.4038, 0.5962],
  [0, 0, 0, 1],
])('of %d of %d is known', (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials)
  expect(interval[0]).toBeCloseTo(low, 4)
  expect(interval[1]).toBeCloseTo(high, 4)
})
