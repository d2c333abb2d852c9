import { describe, expect, it } from 'vitest'
import type { Observation } from './observation.ts'
import { type Named, request, serve, slacks, start } from './scheduler.fixture.ts'
import type { Job, Scheduler } from './scheduler.ts'

const asked = (name: string, variant: number) =>
  request(name, Number.POSITIVE_INFINITY, { lowestVariant: variant, priority: 5 })
const startAll = (scheduler: Scheduler<Named>, nowMs: number) => {
  const started: [string, variant: number][] = []
  for (let job = scheduler.startAsAsked(nowMs); job; job = scheduler.startAsAsked(nowMs)) {
    started.push([job.requests.map(({ name }) => name).join(), job.variant])
  }
  return started
}

describe('requests without a deadline', () => {
  it('are served as asked, in order of arrival, and no policy is asked', () => {
    const { scheduler } = start({ workers: 3 })
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

  it('come after all that have one, whatever their priority, and are not seen by a policy', () => {
    const { scheduler } = start()
    scheduler.arrive(asked('patient', 2), 0)
    scheduler.arrive(request('b', 60, { priority: 9 }), 5)
    scheduler.arrive(request('a', 50, { priority: 9 }), 5)
    expect(startAll(scheduler, 5)).toEqual([])
    const seen = scheduler.observe(5)
    expect(slacks(seen)).toEqual([45, 55])
    expect(seen).toMatchObject({ arrivals: 2, sinceArrivalMs: 0 })
    expect(serve(scheduler, 5, 0).requests[0]?.name).toBe('a')
    expect(scheduler.queued).toBe(2)
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
      else scheduler.abandon(job)
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
