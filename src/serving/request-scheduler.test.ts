import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigError, DeadlineError, OverloadedError, UnavailableError } from '../errors.ts'
import { Random } from '../random.ts'
import { uniformFitDrop } from '../scheduling/policies/uniform-fit.ts'
import type { SchedulingPolicy } from '../scheduling/scheduling-policy.ts'
import { serviceTimesMs, start, variants } from './request-scheduler.fixture.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('which variant serves', () => {
  it('is the one asked for when there is time', async () => {
    const { send, outcomes } = start()
    send({})
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 0'])
  })

  it('is the largest with which all that wait are in time', async () => {
    const { send, outcomes, scheduler } = start()
    // Planned with a margin of 6 %: the first has 42.4 of its 100 ms alone; then 3 × 21.2 ms fit into 60, and so on.
    for (let request = 0; request < 4; request++) send({ deadlineMs: 110 })
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 0', 'd2 after 40', 'd2 after 60', 'd2 after 80'])
    expect(scheduler.report()).toMatchObject({
      requests: 4,
      servedAccuracyPercent: 82.5,
      effectiveAccuracyPercent: 82.5,
      violationPercent: 0,
      switches: 1,
    })
  })

  it.each([
    // asked, terms, served in 12 ms, in 25 ms and in a second
    ['d0', {}, ['d3', 'd2', 'd0']],
    ['d2', {}, ['d3', 'd2', 'd2']],
    ['d1', {}, ['d3', 'd2', 'd2']],
    ['d3', {}, ['d3', 'd3', 'd3']],
    ['d0', { minAccuracyPercent: 61 }, ['dropped', 'd2', 'd0']],
    ['d3', { minAccuracyPercent: 61 }, ['dropped', 'd2', 'd2']],
    ['d0', { goalAccuracyPercent: 80 }, ['dropped', 'd2', 'd0']],
    ['d3', { goalAccuracyPercent: 80 }, ['d3', 'd3', 'd3']],
    ['d0', { goalAccuracyPercent: 80, minAccuracyPercent: 90 }, ['dropped', 'dropped', 'd0']],
  ])('asked for %s with %o: %o', async (asked, terms, expected) => {
    const served: string[] = []
    for (const deadlineMs of [12, 25, 1000]) {
      const { send, runOn } = start()
      send({ ...terms, deadlineMs }, asked)
      await vi.runAllTimersAsync()
      served.push(runOn.started[0] ?? 'dropped')
    }
    expect(served).toEqual(expected)
  })

  it.each([
    ['by deadline, whatever the priorities', 'shares', [0, 40, 120, 80]],
    ['by priority first, where that is asked for', 'strict', [0, 120, 80, 40]],
  ] as const)('goes %s', async (_, order, afterMs) => {
    const { send, outcomes } = start({ order })
    send({ deadlineMs: 1000 })
    send({ deadlineMs: 900, priority: 9 })
    send({ deadlineMs: 1000 })
    send({ deadlineMs: 950 })
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(afterMs.map((ms) => `d0 after ${ms}`))
  })
})

describe('no request stays without an answer', () => {
  it('is refused at once when it cannot be in time, or the queue is full', async () => {
    const { send, outcomes, scheduler } = start({ queueLimit: 2 })
    send({ deadlineMs: 5 })
    for (let request = 0; request < 4; request++) send({ deadlineMs: 500 })
    await vi.advanceTimersByTimeAsync(0)
    expect(outcomes[0]).toBeInstanceOf(DeadlineError)
    expect(String(outcomes[0])).toMatch(/dropped \(refused\): the deadline was 5.0 ms away.* d3/)
    expect(outcomes.slice(1, 4)).toEqual(['waits', 'waits', 'waits'])
    expect(outcomes[4]).toBeInstanceOf(OverloadedError)
    expect(scheduler.report().dropped).toMatchObject({ refused: 1, 'queue-full': 1 })
    await vi.runAllTimersAsync()
    expect(outcomes.slice(1, 4)).toEqual(['d0 after 0', 'd0 after 40', 'd0 after 80'])
  })

  it('expires when no service would be in time any more, even when no worker ever comes free', async () => {
    const { send, outcomes, runOn, scheduler } = start()
    runOn.taken = true
    send({ deadlineMs: 50 })
    // d3 is planned to take 10.6.
    await vi.advanceTimersByTimeAsync(39)
    expect(outcomes).toEqual(['waits'])
    await vi.advanceTimersByTimeAsync(1)
    expect(String(outcomes[0])).toMatch(
      /dropped \(expired\): it waited 40.0 ms for a worker, and its deadline was 50.0 ms after it came: 0 requests wait, and d3/,
    )
    expect(outcomes[0]).toMatchObject({ retryAfterMs: expect.closeTo(10.6, 9) })
    expect(scheduler.report()).toMatchObject({ requests: 1, dropped: { expired: 1 } })
  })

  it('waits for workers that other requests keep busy, and starts when told that one is free', async () => {
    const { send, outcomes, runOn, scheduler } = start()
    runOn.taken = true
    send({ deadlineMs: 100 })
    await vi.advanceTimersByTimeAsync(30)
    runOn.taken = false
    scheduler.serveNext()
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 30'])
  })
})

describe('no request stays without an answer, whoever goes', () => {
  it('leaves the queue when its client goes, and counts nowhere', async () => {
    const { send, infer, outcomes, scheduler, runOn } = start()
    const abort = new AbortController()
    send({ deadlineMs: 500 })
    send({ deadlineMs: 500 }, 'd0', abort.signal)
    abort.abort(new Error('gone'))
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 0', new Error('gone')])
    expect(scheduler.report()).toMatchObject({ requests: 1, queueDepth: 0 })
    expect(runOn.started).toEqual(['d0'])
    expect(() => abort.signal.throwIfAborted()).toThrow()
    await expect(infer({}, 'd0', abort.signal)).rejects.toThrow('gone')
  })

  it('fails with its worker, and the next is served', async () => {
    const { send, outcomes, scheduler, runOn } = start()
    runOn.failure = new UnavailableError('an inference worker crashed')
    send({ deadlineMs: 500 })
    send({ deadlineMs: 500 })
    await vi.advanceTimersByTimeAsync(40)
    runOn.failure = undefined
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual([new UnavailableError('an inference worker crashed'), 'd0 after 40'])
    expect(scheduler.report().dropped).toMatchObject({ failed: 1 })
  })

  it('is answered before the scheduler closes; later ones are refused', async () => {
    const { send, infer, outcomes, scheduler } = start()
    send({ deadlineMs: 500 })
    send({ deadlineMs: 500 })
    const closed = scheduler.close()
    await expect(infer({})).rejects.toThrow(UnavailableError)
    await vi.runAllTimersAsync()
    await closed
    expect(outcomes.slice(0, 2)).toEqual(['d0 after 0', 'd0 after 40'])
  })

  it('is refused when there is no worker at all', async () => {
    const { infer, runOn } = start()
    runOn.ready = false
    await expect(infer({})).rejects.toThrow('no inference worker is ready')
  })
})

describe('the policy', () => {
  const policyOf = (decide: SchedulingPolicy['decide']) => {
    const policy = { name: 'odd', decide, save: () => undefined, restore: () => {} }
    return { policy, isLearned: false }
  }

  it('is given up when it fails, and nothing is lost', async () => {
    const { send, outcomes, scheduler } = start()
    const broken = policyOf(() => {
      throw new Error('NaN in the output')
    })
    scheduler.policy.replace(broken, 'test')
    send({})
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 0'])
    expect(scheduler.report()).toMatchObject({
      policy: 'anticipating-fit',
      policyReason: 'odd was given up: NaN in the output',
    })
  })

  it('that waits is asked again in time', async () => {
    const { send, outcomes, scheduler } = start()
    const usual = uniformFitDrop()
    let asked = 0
    const waits = policyOf((seen) => (asked++ === 0 ? seen.actions.wait : usual.decide(seen)))
    scheduler.policy.replace(waits, 'test')
    send({ deadlineMs: 100 })
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual([expect.stringMatching(/^d3 after 8/)])
  })

  it('is replaced under load, and nobody who waits is lost', async () => {
    const { send, outcomes, scheduler } = start()
    for (let request = 0; request < 4; request++) send({ deadlineMs: 110 })
    await vi.advanceTimersByTimeAsync(50)
    scheduler.policy.replaceBy('{"policy": "smallest"}', 'from a file')
    await vi.runAllTimersAsync()
    expect(outcomes).toEqual(['d0 after 0', 'd2 after 40', 'd3 after 60', 'd3 after 70'])
    const report = scheduler.report()
    expect(report).toMatchObject({ policy: 'smallest', policyReason: 'from a file', requests: 4 })
  })

  it('must exist', () => {
    expect(() => start({ policy: 'best' })).toThrow(ConfigError)
  })
})

it('learns how long services really take', async () => {
  const slow = { ...serviceTimesMs, d0: 20 }
  const { send, scheduler } = start({ serviceTimesMs: slow, variants: variants.slice(0, 1) })
  const plannedMs = () => scheduler.report().variants[0]?.plannedMs ?? 0
  expect(plannedMs()).toBeCloseTo(21.2, 6)
  for (let request = 0; request < 100; request++) {
    send({ deadlineMs: 1000 })
    await vi.runAllTimersAsync()
  }
  // 40 ms, and 6 % for chance.
  expect(plannedMs()).toBeGreaterThan(41.5)
  expect(plannedMs()).toBeLessThan(43.5)
})

it('keeps its deadlines on a machine 20 % slower than profiled, once it has learned that', async () => {
  const { infer, scheduler, runOn } = start({ queueLimit: 64 })
  runOn.slowdown = 1.2
  const random = new Random(101)
  /** Poisson arrivals, twice as many as d0 can answer. @returns share of violations, percent */
  const violationPercentOf = async (requests: number) => {
    const before = scheduler.report()
    for (let request = 0; request < requests; request++) {
      infer({ deadlineMs: 160 }).catch(() => undefined)
      await vi.advanceTimersByTimeAsync(-20 * Math.log(1 - random.uniform()))
    }
    await vi.runAllTimersAsync()
    const { late, dropped } = scheduler.report()
    const sum = (counts: object) => Object.values(counts).reduce((total, count) => total + count, 0)
    return (100 * (late - before.late + sum(dropped) - sum(before.dropped))) / requests
  }
  await violationPercentOf(200)
  for (const { profiledMs, plannedMs, onTime } of scheduler.report().variants) {
    if (onTime > 20) expect(plannedMs / profiledMs).toBeGreaterThan(1.18)
  }
  expect(await violationPercentOf(2000)).toBeLessThanOrEqual(0.5)
  const { variants, servedAccuracyPercent } = scheduler.report()
  expect(variants.filter(({ onTime }) => onTime > 100).length).toBeGreaterThan(1)
  expect(servedAccuracyPercent).toBeGreaterThan(70)
})
