import { expect, it } from 'vitest'
import type { Outcome } from '../learning/environment/environment.ts'
import { meanAnsweredMs, withNumbers } from './unanswered.ts'

const state = {
  features: new Float32Array(9),
  goalPercent: 80,
  available: [[true], [true], [true]],
}
const outcome = (responseTimesMs: readonly number[]): Outcome => ({
  state,
  responseTimesMs,
  accuracyPercent: responseTimesMs.map(() => 89.9),
  cost: meanAnsweredMs(responseTimesMs),
})

it('averages over those that asked', () => {
  expect(meanAnsweredMs([10, Number.NaN, 30])).toBe(20)
  expect(meanAnsweredMs([Number.NaN])).toBeNaN()
})

it('gives a number to an agent that needs one, and counts it', () => {
  const numbers = withNumbers(outcome([10, Number.NaN, 30]), 200)
  expect(numbers.responseTimesMs).toEqual([10, 200, 30])
  expect(numbers.cost).toBe(80)
  const all = outcome([10, 20])
  expect(withNumbers(all, 200)).toBe(all)
})
