import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { InvalidInputError, OverloadedError, UnavailableError } from '../errors.ts'
import { Random } from '../random.ts'
import { start } from './request-scheduler.fixture.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('requests without a deadline', () => {
  it('are served as asked, by their soft deadlines: a variant off the ladder, and one without an accuracy, too', async () => {
    const { send, outcomes, scheduler } = start()
    for (const asked of ['d3', 'd1', 'new', 'd0', 'd3']) send(undefined, asked)
    expect(scheduler.queueDepth).toBe(4)
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual([
      'd3 after 0',
      'd1 after 21',
      // Due after twenty times 1 ms.
      'new after 10',
      'd0 after 51',
      'd3 after 11',
    ])
    expect(scheduler.report()).toMatchObject({ requests: 0, violationPercent: 0, switches: 0 })
  })

  it('are served where no accuracy is known, and those with a deadline are refused', async () => {
    const unrated = { variants: [{ name: 'new', accuracyPercent: 0 }] }
    const { send, infer, outcomes } = start(unrated)
    await expect(infer({}, 'new')).rejects.toThrow(InvalidInputError)
    send(undefined, 'new')
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['new after 0'])
  })

  it.each([
    ['among those with a deadline, by their soft one', 'shares', [0, 20, 70, 30]],
    ['after those with a deadline in strict order', 'strict', [0, 100, 60, 20]],
  ] as const)('come %s', async (_, order, afterMs) => {
    const { send, outcomes } = start({ order })
    send(undefined, 'd2')
    send(undefined, 'd3')
    send({ deadlineMs: 1001, priority: 9 })
    send({ deadlineMs: 1000, priority: 1 })
    await vi.runAllTimersAsync()
    const served = ['d2', 'd3', 'd0', 'd0']
    expect(outcomes).toEqual(served.map((variant, index) => `${variant} after ${afterMs[index]}`))
  })

  it('have a soft deadline that can be set, and tell how late they were', async () => {
    const { send, scheduler } = start({ softDeadlineMs: 25 })
    for (let request = 0; request < 3; request++) send(undefined, 'd2')
    await vi.runAllTimersAsync()
    const { withoutDeadline } = scheduler.report()
    expect(withoutDeadline).toMatchObject({ answered: 3, notServed: 0, late: 2 })
    expect(withoutDeadline.longestShare).toBeCloseTo(60 / 25, 9)
  })
})

describe('requests without a deadline that are not served', () => {
  it('share the one bound: the last of them makes room for one with a deadline', async () => {
    const { send, outcomes, scheduler } = start({ queueLimit: 2 })
    for (let request = 0; request < 4; request++) send(undefined, 'd3')
    await vi.advanceTimersByTimeAsync(0)
    expect(outcomes[3]).toBeInstanceOf(OverloadedError)
    send({ deadlineMs: 500 })
    await vi.runAllTimersAsync()
    expect(outcomes[2]).toBeInstanceOf(OverloadedError)
    expect([outcomes[1], outcomes[4]]).toEqual(['d3 after 10', 'd0 after 20'])
    expect(scheduler.report().dropped['queue-full']).toBe(0)
  })

  it('leave the queue when their client goes', async () => {
    const { send, outcomes, scheduler, runOn } = start()
    const abort = new AbortController()
    send(undefined)
    send(undefined, 'd0', abort.signal)
    abort.abort(new Error('gone'))
    expect(scheduler.queueDepth).toBe(0)
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 0', new Error('gone')])
    expect(runOn.started).toEqual(['d0'])
  })

  it('fail when no worker is left, and so do those with a deadline', async () => {
    const { send, outcomes, scheduler, runOn } = start()
    runOn.taken = true
    send(undefined)
    send({ deadlineMs: 500 })
    const closed = scheduler.close()
    scheduler.failQueue(new UnavailableError('no inference worker is left: the disk is gone'))
    await vi.runAllTimersAsync()
    await closed
    const reason = new UnavailableError('no inference worker is left: the disk is gone')
    expect(outcomes).toEqual([reason, reason])
    expect(scheduler.report().dropped).toMatchObject({ failed: 1, expired: 0 })
  })

  it('wait no longer than the limit when no worker ever comes free', async () => {
    const { send, outcomes, runOn } = start({ waitLimitMs: 500 })
    runOn.taken = true
    send(undefined, 'd2')
    await vi.advanceTimersByTimeAsync(499)
    expect(outcomes).toEqual(['waits'])
    await vi.advanceTimersByTimeAsync(1)
    expect(outcomes[0]).toBeInstanceOf(OverloadedError)
    expect(String(outcomes[0])).toMatch(
      /it waited 500.0 ms for a worker, and may wait 500 ms \(scheduling.waitLimitMs\): 0 requests wait; try again in 22 ms/,
    )
  })
})

describe('mixed requests at load', () => {
  /** Requests with a deadline, as many as keep the workers busy for a third of the time with d0, and more others than they can serve. */
  async function mixedLoad(workers: number) {
    const { send, infer, scheduler, outcomes } = start({ workers, queueLimit: 1000 })
    const random = new Random(11)
    let longestQueue = 0
    for (let request = 0; request < 400; request++) {
      for (let other = 0; other < 4; other++) send(undefined, 'd1')
      infer({ deadlineMs: 110 }).catch(() => undefined)
      longestQueue = Math.max(longestQueue, scheduler.queueDepth)
      await vi.advanceTimersByTimeAsync((-120 / workers) * Math.log(1 - random.uniform()))
    }
    await vi.runAllTimersAsync()
    return { report: scheduler.report(), longestQueue, outcomes }
  }

  it.each([1, 3])('miss no deadline because of those without one: %d workers', async (workers) => {
    const { report, longestQueue, outcomes } = await mixedLoad(workers)
    // One by one as they came, the last of those that wait would be served ten deadlines late.
    expect(longestQueue).toBeGreaterThan(40 * workers)
    expect(report).toMatchObject({ requests: 400, violationPercent: 0 })
    expect(outcomes.every((outcome) => String(outcome).startsWith('d1 after'))).toBe(true)
    expect(outcomes).toHaveLength(1600)
  })
})
