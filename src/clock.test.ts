import { expect, test } from 'vitest'
import { processorClock, systemClock } from './clock.ts'

test('the system clock goes forward by what it sleeps', async () => {
  const before = systemClock.nowMs()
  await systemClock.sleep(20)
  // A timer may fire up to a millisecond early.
  expect(systemClock.nowMs() - before).toBeGreaterThanOrEqual(19)
})

test('processor time counts work, not waiting', async () => {
  const startMs = processorClock.nowMs()
  await systemClock.sleep(200)
  const waitedMs = processorClock.nowMs() - startMs
  for (const endMs = systemClock.nowMs() + 200; systemClock.nowMs() < endMs; ) JSON.stringify([1])
  const workedMs = processorClock.nowMs() - startMs - waitedMs
  expect(workedMs).toBeGreaterThan(waitedMs)
})
