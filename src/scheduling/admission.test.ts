import { describe, expect, it } from 'vitest'
import { request, serve, start } from './scheduler.fixture.ts'

/** Services of 1, 2 and 4 ms, planned without margin. */
const early = (options: Parameters<typeof start>[0] = {}) =>
  start({ earlyRefusal: true, waitLimitMs: 10, ...options })

describe('a request that cannot be in time', () => {
  it('is refused by what those ahead take, each by the smallest variant that it accepts', () => {
    const { scheduler, dropped } = early()
    scheduler.arrive(request('picky', 9, { lowestVariant: 2 }), 0)
    scheduler.arrive(request('plain', 9.5), 0)
    scheduler.arrive(request('just', 10, { lowestVariant: 2 }), 0)
    scheduler.arrive(request('not', 10, { lowestVariant: 1 }), 0)
    expect(dropped).toEqual([['not', 'refused']])
  })

  it('is refused by what those without a deadline take that go before it', () => {
    const { scheduler, dropped } = early({ softDeadlineMs: 5 })
    scheduler.arrive(request('soft', Infinity, { lowestVariant: 2 }), 0)
    scheduler.arrive(request('in time', 6), 0)
    scheduler.arrive(request('late', 5.5, { lowestVariant: 1 }), 0)
    expect(dropped).toEqual([['late', 'refused']])
  })

  it('is dropped as soon as one that goes before it makes that certain, long before its deadline', () => {
    const { scheduler, dropped } = early()
    for (const [name, deadlineMs] of [
      ['a', 20],
      ['b', 24],
    ] as const) {
      for (let of = 0; of < 5; of++) {
        scheduler.arrive(request(`${name}${of}`, deadlineMs, { lowestVariant: 2 }), 0)
      }
    }
    // The last one of b would be done after 24 ms: 6 × 4.
    expect(dropped.map(([name]) => name)).toEqual(['b1', 'b2', 'b3', 'b4'])
    dropped.length = 0
    scheduler.arrive(request('urgent', 3), 1)
    // It takes 1 ms: a4 would be done after 22. Without it, b0 still makes it.
    expect(dropped).toEqual([['a4', 'expired']])
  })

  it('is dropped as soon as a service that takes longer than planned makes that certain', () => {
    const { scheduler, dropped } = early()
    scheduler.arrive(request('running', 20), 0)
    const job = serve(scheduler, 0, 0)
    for (const name of ['a', 'b', 'c']) scheduler.arrive(request(name, 4), 0)
    expect(dropped).toEqual([])
    scheduler.finish(job, 2.5)
    scheduler.observe(2.5)
    expect(dropped).toEqual([
      ['b', 'expired'],
      ['c', 'expired'],
    ])
  })

  it('is refused before it is there, and counts; one that could be in time does not count yet', () => {
    const { scheduler, dropped } = early()
    scheduler.arrive(request('a', 4, { lowestVariant: 2 }), 0)
    expect(scheduler.refuses(request('could', 5), 0)).toBe(false)
    expect(scheduler.refuses(request('could not', 4.5), 0)).toBe(true)
    expect(dropped).toEqual([['could not', 'refused']])
    expect(scheduler.queued).toBe(1)
    expect(scheduler.observe(0)?.arrivals).toBe(2)
  })
})

/** Requests of 4 ms every so often, within 40; every eighth service takes 14. @returns counts of the second half of it */
function heldUp(everyMs: number, untilMs: number) {
  const { scheduler } = early({ queueLimit: 64 })
  const { tally } = scheduler
  const counts = () => ({
    ...tally.dropped,
    late: tally.late[2] ?? 0,
    onTime: tally.onTime[2] ?? 0,
  })
  let before = counts()
  let running: { readonly job: ReturnType<typeof serve>; readonly endMs: number } | undefined
  let services = 0
  for (let ms = 0; ms < untilMs; ms++) {
    if (ms === untilMs / 2) before = counts()
    if (running?.endMs === ms) {
      scheduler.finish(running.job, ms)
      running = undefined
    }
    if (ms % everyMs === 0) scheduler.arrive(request(`${ms}`, ms + 40, { lowestVariant: 2 }), ms)
    const isDue = running === undefined && scheduler.observe(ms) !== undefined
    if (isDue)
      running = { job: serve(scheduler, ms, 2), endMs: ms + (services++ % 8 === 0 ? 14 : 4) }
  }
  const after = counts()
  return {
    refused: after.refused - before.refused,
    missed: after.expired + after.late - before.expired - before.late,
    onTime: after.onTime - before.onTime,
  }
}

describe('where services are held up', () => {
  it('an overload leaves room for it: 99 of 100 that are taken are in time, and no fewer are served', () => {
    const { refused, missed, onTime } = heldUp(2, 8000)
    expect(missed).toBeLessThan(0.01 * (missed + onTime))
    expect(refused).toBeGreaterThan(onTime)
    // All that a worker can: 8 of 42 ms.
    expect(onTime).toBeGreaterThan(0.99 * (4000 / 42) * 8)
  })

  it('no overload, no refusal', () => {
    expect(heldUp(8, 8000)).toEqual({ refused: 0, missed: 0, onTime: 500 })
  })
})

describe('a request without a deadline', () => {
  it('is refused when it would wait longer than the limit, and only then', () => {
    const { scheduler, dropped } = early({ workers: 2 })
    for (let of = 0; of < 7; of++) {
      scheduler.arrive(request(`${of}`, Infinity, { lowestVariant: 2 }), 0)
    }
    // Two at a time for 4 ms each: the seventh would begin after 12.
    expect(dropped).toEqual([['6', 'refused']])
    expect(scheduler.patient.notServed).toBe(1)
  })
})

describe('the time until there is room', () => {
  it('is what the request would be late by, or would wait too long', () => {
    const { scheduler } = early()
    for (let of = 0; of < 3; of++) scheduler.arrive(request(`${of}`, 20, { lowestVariant: 2 }), 0)
    expect(scheduler.roomInMs(request('a', 15), 15, 0)).toBe(0)
    // Begins after 12 ms and takes 1.
    expect(scheduler.roomInMs(request('a', 5), 5, 0)).toBe(8)
    // What could never be in time has no better chance than when nothing waits.
    expect(scheduler.roomInMs(request('a', 0.5), 0.5, 0)).toBe(12)
    expect(scheduler.roomInMs(request('soft', Infinity), Infinity, 0)).toBe(2)
  })

  it('is at least that until a place is free', () => {
    const { scheduler } = early({ queueLimit: 2 })
    scheduler.arrive(request('running', 50), 0)
    serve(scheduler, 0, 2)
    for (const name of ['a', 'b']) scheduler.arrive(request(name, 50), 1)
    expect(scheduler.roomInMs(request('c', 50), 49, 1)).toBe(3)
  })
})
