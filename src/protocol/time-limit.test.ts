import { expect, test, vi } from 'vitest'
import { TimeLimit } from './time-limit.ts'

test('ends the work when the time is over', async () => {
  const limit = new TimeLimit(new AbortController().signal, 0.5)
  expect(limit.signal.aborted).toBe(false)
  await vi.waitFor(() => expect(limit.signal.aborted).toBe(true))
  expect(limit.isOver).toBe(true)
})

test('ends the work when whoever wants it goes away, also before it has begun', () => {
  const theirs = new AbortController()
  const limit = new TimeLimit(theirs.signal, 10_000)
  theirs.abort('gone')
  const late = new TimeLimit(theirs.signal, 10_000)
  for (const { signal, isOver } of [limit, late]) {
    expect([signal.aborted, signal.reason, isOver]).toEqual([true, 'gone', false])
  }
  limit.end()
  late.end()
})

test('leaves nothing behind when the work is done', () => {
  vi.useFakeTimers()
  const theirs = new AbortController()
  const limit = new TimeLimit(theirs.signal, 10)
  limit.end()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  theirs.abort()
  expect([limit.signal.aborted, limit.isOver]).toEqual([false, false])
})
