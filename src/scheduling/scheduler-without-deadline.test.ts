import { describe, expect, it } from 'vitest'
import type { Observation } from './observation.ts'
import { type Named, request, serve, slacks, start } from './scheduler.fixture.ts'
import type { Job, Scheduler } from './scheduler.ts'

const asked = (name: string, variant: number) =>
  request(name, Number.POSITIVE_INFINITY, { lowestVariant: variant, priority: 5 })
/** Of none: frees its worker. */
const JOB = { worker: 0, variant: 2, batch: 0, requests: [], startedAtMs: 3, plannedEndMs: 7 }
const startAll = (scheduler: Scheduler<Named>, nowMs: number) => {
  const started: [string, variant: number][] = []
  for (let job = scheduler.startAsAsked(nowMs); job; job = scheduler.startAsAsked(nowMs)) {
    started.push([job.requests.map(({ name }) => name).join(), job.variant])
  }
  return started
}

describe('requests without a deadline', () => {
  it('are served as asked, in order of arrival, and no policy is asked', () => {
    const { scheduler } = start({ workers: 3, softDeadlineMs: 100 })
    scheduler.arrive(asked('a', 2), 0)
    scheduler.arrive(asked('b', 0), 1)
    scheduler.arrive(asked('c', 1), 2)
    scheduler.arrive(asked('d', 1), 2)
    expect(scheduler.observe(3)).toBeUndefined()
    expect(startAll(scheduler, 3)).toEqual([
      ['a', 2],
      ['b', 0],
      ['c', 1],
    ])
    expect(scheduler.queued).toBe(1)
  })

  it('take their turn by their soft deadline, and are not seen by a policy', () => {
    const { scheduler } = start({ softDeadlineMs: 52 })
    scheduler.arrive(asked('patient', 2), 0)
    scheduler.arrive(request('b', 60, { priority: 9 }), 5)
    scheduler.arrive(request('a', 50, { priority: 9 }), 5)
    expect(startAll(scheduler, 5)).toEqual([])
    // Its 4 ms come before b; to be done by 52, it leaves a until 48.
    const seen = scheduler.observe(5)
    expect(slacks(seen)).toEqual([43, 51])
    expect(seen).toMatchObject({ arrivals: 2, sinceArrivalMs: 0 })
    const a = serve(scheduler, 5, 0)
    expect(a.requests[0]?.name).toBe('a')
    scheduler.finish(a, 6)
    expect(scheduler.observe(6)).toBeUndefined()
    expect(startAll(scheduler, 6)).toEqual([['patient', 2]])
    expect(scheduler.queued).toBe(1)
  })

  it('have twenty times what their variant takes, unless that is set', () => {
    expect(start().scheduler.dueMs(asked('patient', 2), 100)).toBe(180)
    expect(start({ softDeadlineMs: 7 }).scheduler.dueMs(asked('patient', 2), 100)).toBe(107)
  })

  it('make others hurry when they are late, and drop none', () => {
    const { scheduler, dropped } = start({ softDeadlineMs: 5, queueLimit: 20 })
    for (const name of ['c', 'd', 'e']) scheduler.arrive(asked(name, 2), 0)
    scheduler.arrive(request('a', 50), 3)
    scheduler.arrive(request('b', 50), 3)
    // Not all can be in time: by shares; what has a deadline is as slow as the smallest variant at most.
    expect(startAll(scheduler, 3)).toEqual([['c', 2]])
    scheduler.finish({ ...(JOB as Job<Named>), worker: 0 }, 7)
    expect(slacks(scheduler.observe(7))).toEqual([1, 1])
    expect(dropped).toEqual([])
  })

  it('do not start on the worker that a policy keeps free, nor wake it', () => {
    const { scheduler } = start()
    scheduler.arrive(request('a', 20), 0)
    scheduler.apply((scheduler.observe(0) as Observation).actions.wait, 0)
    scheduler.arrive(asked('patient', 0), 1)
    expect(startAll(scheduler, 1)).toEqual([])
    expect(scheduler.observe(1)).toBeUndefined()
    expect(scheduler.wakeAtMs).toBe(18)
  })
})

describe('requests without a deadline and the figures', () => {
  it('keep their worker busy for as long as their own variant takes, on the ladder or off it', () => {
    const others = [{ name: 'unrated', accuracyPercent: 0, serviceTimesMs: [8] }]
    const { scheduler, dropped } = start({ others, recalibrate: true })
    scheduler.arrive(asked('patient', 3), 0)
    const job = scheduler.startAsAsked(0) as Job<Named>
    expect(job.variant).toBe(3)
    scheduler.arrive(request('hopeless', 8.9), 1)
    scheduler.arrive(request('possible', 9), 1)
    expect(dropped).toEqual([['hopeless', 'refused']])
    // What it really takes is learned, of all services together.
    scheduler.finish(job, 8 * 1.5)
    expect(scheduler.times.ms(3, 0)).toBeGreaterThan(8)
    expect(scheduler.times.ms(2, 0)).toBeGreaterThan(4)
  })

  it('count nowhere, whatever becomes of them', () => {
    const { scheduler, dropped } = start({ queueLimit: 2 })
    for (const name of ['served', 'failed']) {
      scheduler.arrive(asked(name, 2), 0)
      const job = scheduler.startAsAsked(0) as Job<Named>
      if (name === 'served') scheduler.finish(job, 1000)
      else scheduler.finish(job, 0, [])
    }
    for (const name of ['a', 'b', 'late']) scheduler.arrive(asked(name, 2), 0)
    // Room is made for those with a deadline.
    scheduler.arrive(request('urgent', 50), 0)
    expect(dropped).toEqual([
      ['late', 'queue-full'],
      ['b', 'queue-full'],
    ])
    expect(scheduler.tally.settled).toBe(0)
    expect(scheduler.tally.switches).toBe(0)
  })
})
