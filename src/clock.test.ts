import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('the system clock goes forward by what it sleeps', async () => {
  const before = systemClock.nowMs()
  await systemClock.sleep(20)
  // A timer may fire up to a millisecond early.
  expect(systemClock.nowMs() - before).toBeGreaterThanOrEqual(19)
})
