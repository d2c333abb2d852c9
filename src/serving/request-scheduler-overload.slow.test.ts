/** Three times as many requests as the node can serve, for a minute of simulated time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DeadlineError, OverloadedError } from '../errors.ts'
import { Random } from '../random.ts'
import { start } from './request-scheduler.fixture.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const OVERLOAD_MS = 60_000
const SERVICE_MS = { d0: 40, d3: 10 }

interface Settled {
  readonly atMs: number
  readonly tookMs: number
  readonly error?: unknown
}

/** Poisson arrivals at `load` times what the smallest allowed variant sustains. */
async function overloaded(
  random: Random,
  { send, load, untilMs }: { send: () => Promise<unknown>; load: number; untilMs: number },
): Promise<Settled[]> {
  const settled: Settled[] = []
  const tookSince = (atMs: number) => ({ atMs, tookMs: performance.now() - atMs })
  while (performance.now() < untilMs) {
    const atMs = performance.now()
    send().then(
      () => settled.push(tookSince(atMs)),
      (error) => settled.push({ ...tookSince(atMs), error }),
    )
    await vi.advanceTimersByTimeAsync((-SERVICE_MS.d3 / load) * Math.log(1 - random.uniform()))
  }
  await vi.runAllTimersAsync()
  return settled
}

const isRefused = ({ error }: Settled) => error !== undefined
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

describe.each(['uniform-fit-drop', 'anticipating-fit'])(
  'requests with a deadline of 150 ms, by %s',
  (policy) => {
    it.each([1, 2])('are refused at once, or are in time: seed %d', async (seed) => {
      const { infer, runOn } = start({ queueLimit: 64, policy })
      runOn.slowdown = 1.05
      const send = () => infer({ deadlineMs: 150 })
      const settled = await overloaded(new Random(seed), {
        send,
        load: 3,
        untilMs: performance.now() + OVERLOAD_MS,
      })
      const refused = settled.filter(isRefused)
      const admitted = settled.filter((one) => !isRefused(one) || one.tookMs > 0)
      expect(refused.length / settled.length).toBeGreaterThan(0.5)
      expect(refused.every(({ error }) => error instanceof DeadlineError)).toBe(true)
      expect(Math.max(...refused.map(({ tookMs }) => tookMs))).toBeLessThan(150)
      expect(median(refused.map(({ tookMs }) => tookMs))).toBeLessThanOrEqual(50)
      const late = admitted.filter((one) => isRefused(one) || one.tookMs > 150)
      expect(late.length / admitted.length).toBeLessThanOrEqual(0.01)
    })
  },
)

describe('after the overload', () => {
  it('requests are served as before within a deadline', async () => {
    const { infer } = start({ queueLimit: 64, policy: 'anticipating-fit' })
    const random = new Random(5)
    const send = () => infer({ deadlineMs: 150 })
    await overloaded(random, { send, load: 3, untilMs: performance.now() + 5000 })
    const quiet = await overloaded(random, { send, load: 0.1, untilMs: performance.now() + 5000 })
    expect(quiet.filter(isRefused)).toEqual([])
  })
})

describe('requests without a deadline', () => {
  it('wait no longer than the limit, and are told when there is room', async () => {
    const waitLimitMs = 500
    const { infer } = start({ queueLimit: 1000, waitLimitMs })
    const waits: number[] = []
    const send = () => infer(undefined, 'd3').then(({ queueMs }) => waits.push(queueMs))
    const settled = await overloaded(new Random(3), {
      send,
      load: 3,
      untilMs: performance.now() + 20_000,
    })
    const refused = settled.filter(isRefused)
    expect(Math.max(...waits)).toBeLessThanOrEqual(waitLimitMs)
    expect(Math.max(...waits)).toBeGreaterThan(0.9 * waitLimitMs)
    expect(refused.length / settled.length).toBeGreaterThan(0.5)
    expect(median(refused.map(({ tookMs }) => tookMs))).toBe(0)
    for (const { error } of refused) {
      expect(error).toBeInstanceOf(OverloadedError)
      expect((error as OverloadedError).retryAfterMs).toBeGreaterThan(0)
      expect((error as OverloadedError).retryAfterMs).toBeLessThan(waitLimitMs / 10)
    }
  })
})

it('refuses by its deadline alone what is still to come, and lets pass what could be served', async () => {
  const { infer, scheduler } = start()
  const terms = { priority: 5, minAccuracyPercent: 0, goalAccuracyPercent: 0 }
  for (let request = 0; request < 20; request++) infer({ deadlineMs: 150 }).catch(() => undefined)
  scheduler.admit('d0', { ...terms, deadlineMs: 1000 })
  const before = scheduler.report().dropped.refused
  expect(() => scheduler.admit('d0', { ...terms, deadlineMs: 150 })).toThrow(DeadlineError)
  expect(scheduler.report().dropped.refused).toBe(before + 1)
  await vi.runAllTimersAsync()
})
