import { expect, test } from 'vitest'
import { WorkedTime } from './worked-time.ts'

test('adds up what all workers work, jobs under way included', () => {
  const worked = new WorkedTime()
  expect(worked.untilMs(50)).toBe(0)
  worked.begin(100)
  expect(worked.untilMs(130)).toBe(30)
  worked.begin(150)
  expect(worked.running).toBe(2)
  worked.end(160)
  worked.end(170)
  expect(worked.untilMs(1000)).toBe(50 + 20 + 10)
})
