import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TierHealth } from './tier-health.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** Times of the probes, ms after the failure. */
function probed(answers: (count: number) => boolean | Error) {
  const atMs: number[] = []
  const startMs = Date.now()
  const health = new TierHealth(async () => {
    atMs.push(Date.now() - startMs)
    const answer = answers(atMs.length)
    if (answer instanceof Error) throw answer
    return answer
  })
  return { health, atMs }
}

it('is up until it fails, and then probes at 100 ms and doubling gaps up to 2 s', async () => {
  const { health, atMs } = probed(() => false)
  await vi.advanceTimersByTimeAsync(5000)
  expect([health.up, atMs]).toEqual([true, []])
  health.markDown()
  await vi.advanceTimersByTimeAsync(8000)
  expect(health.up).toBe(false)
  expect(atMs.map((ms) => ms - 5000)).toEqual([100, 300, 700, 1500, 3100, 5100, 7100])
  health.close()
})

it('is up again after the first probe that succeeds, and probes no more', async () => {
  const { health, atMs } = probed((count) => (count === 1 ? new Error('refused') : count === 3))
  health.markDown()
  await vi.advanceTimersByTimeAsync(699)
  expect(health.up).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(health.up).toBe(true)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(atMs).toEqual([100, 300, 700])
})

it('probes once at a time however many requests fail, and begins anew after a recovery', async () => {
  const { health, atMs } = probed((count) => count === 1)
  health.markDown()
  health.markDown()
  await vi.advanceTimersByTimeAsync(150)
  health.markDown()
  await vi.advanceTimersByTimeAsync(100)
  expect(atMs).toEqual([100, 250])
  health.close()
})

it('stops probing when closed', async () => {
  const { health, atMs } = probed(() => false)
  health.markDown()
  health.close()
  health.markDown()
  await vi.advanceTimersByTimeAsync(5000)
  expect(atMs).toEqual([])
})
