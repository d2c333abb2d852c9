import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { exampleLadder } from './example-node.fixture.ts'
import type { Observation } from './observation.ts'
import { type Named, request, serve, slacks, start } from './scheduler.fixture.ts'
import type { Job } from './scheduler.ts'

describe('what a policy is asked', () => {
  it('is asked when a worker is free and a request waits, not before', () => {
    const { scheduler } = start()
    expect(scheduler.observe(0)).toBeUndefined()
    scheduler.arrive(request('a', 20), 1)
    scheduler.arrive(request('b', 25), 2)
    expect(slacks(scheduler.observe(3))).toEqual([17, 22])
    const job = serve(scheduler, 3, 2)
    expect(job).toMatchObject({ worker: 0, variant: 2, batch: 0, startedAtMs: 3 })
    expect(job.requests.map(({ name }) => name)).toEqual(['a'])
    expect(scheduler.observe(4)).toBeUndefined()
    scheduler.finish(job, 7)
    expect(slacks(scheduler.observe(7))).toEqual([18])
  })

  it('sees its workers: free first, then by the planned rest of their service', () => {
    const { scheduler } = start({ workers: 3 })
    for (const name of ['a', 'b', 'c']) scheduler.arrive(request(name, 50), 0)
    serve(scheduler, 0, 2)
    serve(scheduler, 1, 1)
    expect([...(scheduler.observe(2)?.workerResidualMs ?? [])]).toEqual([0, 1, 2])
    // A service that takes longer than planned has no planned rest.
    expect([...(scheduler.observe(3.5)?.workerResidualMs ?? [])]).toEqual([0, 0, 0.5])
  })

  it('sees arrivals and their rates over windows of 2, 8, 40 and 200 largest services', () => {
    const { scheduler } = start()
    scheduler.arrive(request('a', 50), 0)
    scheduler.arrive(request('b', 50), 0)
    const seen = scheduler.observe(8)
    expect(seen).toMatchObject({ arrivals: 2, sinceArrivalMs: 8, nowMs: 8, workers: 1 })
    for (const [window, windowMs] of [8, 32, 160, 800].entries()) {
      const ratePerS = (2 * 1000 * Math.exp(-8 / windowMs)) / windowMs
      expect(seen?.arrivalRatesPerS[window]).toBeCloseTo(ratePerS, 9)
    }
  })

  it('sees the smallest variant each request accepts', () => {
    const { scheduler } = start()
    scheduler.arrive(request('a', 50), 0)
    scheduler.arrive(request('b', 60, { lowestVariant: 2 }), 0)
    expect([...(scheduler.observe(0)?.lowestVariant.slice(0, 2) ?? [])]).toEqual([0, 2])
  })
})

describe('who is dropped', () => {
  it('those that cannot make it any more, wherever they stand', () => {
    const { scheduler, dropped } = start()
    scheduler.arrive(request('first', 5, { priority: 1 }), 0)
    scheduler.arrive(request('urgent', 20, { priority: 0 }), 0)
    scheduler.arrive(request('picky', 9, { priority: 1, lowestVariant: 2 }), 0)
    expect(slacks(scheduler.observe(4))).toEqual([1, 5, 16])
    expect(slacks(scheduler.observe(6))).toEqual([14])
    expect(dropped).toEqual([
      ['first', 'expired'],
      ['picky', 'expired'],
    ])
  })

  it('those that came too late for any variant', () => {
    const { scheduler, dropped } = start()
    scheduler.arrive(request('late', 0.9), 0)
    scheduler.arrive(request('picky', 3, { lowestVariant: 2 }), 0)
    scheduler.arrive(request('exact', 1), 0)
    expect(dropped).toEqual([
      ['late', 'refused'],
      ['picky', 'refused'],
    ])
    expect(scheduler.queued).toBe(1)
  })

  it('those that the running service leaves no time', () => {
    const { scheduler, dropped } = start()
    scheduler.arrive(request('a', 20), 0)
    serve(scheduler, 0, 2)
    scheduler.arrive(request('b', 4.5), 1)
    expect(dropped).toEqual([['b', 'refused']])
  })

  it('with early refusal, those for which one ahead would have to be dropped', () => {
    for (const [earlyRefusal, expected] of [
      [true, [['c', 'refused']]],
      [false, []],
    ] as const) {
      const { scheduler, dropped } = start({ earlyRefusal })
      scheduler.arrive(request('a', 2), 0)
      scheduler.arrive(request('b', 2), 0)
      scheduler.arrive(request('c', 2.9), 0)
      scheduler.arrive(request('d', 3), 0)
      expect(dropped).toEqual(expected)
    }
  })
})

describe('who is dropped for others', () => {
  it('early refusal counts with all workers and the best batch', () => {
    const two = start({ workers: 2, earlyRefusal: true })
    for (const name of ['a', 'b', 'c', 'd']) two.scheduler.arrive(request(name, 2), 0)
    expect(two.dropped).toEqual([])
    two.scheduler.arrive(request('e', 2), 0)
    expect(two.dropped).toEqual([['e', 'refused']])
    // Batches of three take 2 ms: the fourth may start after three times 2/3 ms.
    const batches = start({ ladder: exampleLadder([1, 3]), earlyRefusal: true })
    for (const name of ['a', 'b', 'c', 'd']) batches.scheduler.arrive(request(name, 3), 0)
    expect(batches.dropped).toEqual([])
    batches.scheduler.arrive(request('e', 3), 0)
    expect(batches.dropped).toEqual([['e', 'refused']])
  })

  it('the lowest rank of all when the queue is full, the newcomer among equals', () => {
    const { scheduler, dropped } = start({ queueLimit: 2 })
    scheduler.arrive(request('a', 50), 0)
    scheduler.arrive(request('b', 60), 0)
    scheduler.arrive(request('c', 60), 0)
    scheduler.arrive(request('d', 55), 0)
    expect(dropped).toEqual([
      ['c', 'queue-full'],
      ['b', 'queue-full'],
    ])
    expect(slacks(scheduler.observe(0))).toEqual([50, 55])
  })

  it('the head when the policy says so', () => {
    const { scheduler, dropped } = start()
    scheduler.arrive(request('a', 50), 0)
    scheduler.arrive(request('b', 60), 0)
    const seen = scheduler.observe(0) as Observation
    expect(scheduler.apply(seen.actions.drop, 0)).toBeUndefined()
    expect(dropped).toEqual([['a', 'given-up']])
    expect(slacks(scheduler.observe(0))).toEqual([60])
  })

  it('nobody for a withdrawn request, which counts nowhere', () => {
    const { scheduler, dropped } = start()
    const gone = request('gone', 50)
    scheduler.arrive(gone, 0)
    expect(scheduler.withdraw(gone)).toBe(true)
    expect(scheduler.withdraw(gone)).toBe(false)
    expect(scheduler.observe(0)).toBeUndefined()
    expect(dropped).toEqual([])
    expect(scheduler.tally.settled).toBe(0)
  })
})

describe('what is started and finished', () => {
  it('takes a batch from the head of the queue', () => {
    const { scheduler } = start({ ladder: exampleLadder([1, 2]) })
    for (const name of ['a', 'b', 'c']) scheduler.arrive(request(name, 50), 0)
    const job = serve(scheduler, 0, 1, 1)
    expect(job.requests.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(scheduler.queued).toBe(1)
    // One in time for its deadline at 50, to the millisecond.
    scheduler.finish(job, 50)
    expect([...scheduler.tally.onTime]).toEqual([0, 2, 0])
  })

  it('counts an answer after its deadline as late', () => {
    const { scheduler } = start()
    scheduler.arrive(request('a', 5), 0)
    scheduler.finish(serve(scheduler, 0, 2), 5.01)
    expect([...scheduler.tally.late]).toEqual([0, 0, 1])
    expect(scheduler.tally.violations).toBe(1)
  })

  it('counts requests of a failed worker as failed and goes on', () => {
    const { scheduler } = start()
    scheduler.arrive(request('a', 50), 0)
    scheduler.arrive(request('b', 50), 0)
    scheduler.finish(serve(scheduler, 0, 2), 0, [])
    expect(scheduler.tally.dropped.failed).toBe(1)
    expect(slacks(scheduler.observe(1))).toEqual([49])
  })
})

describe('what the scheduler does over time', () => {
  it('learns from services how long they take', () => {
    const { scheduler } = start({ recalibrate: true })
    for (let round = 0; round < 30; round++) {
      scheduler.arrive(request('a', 100 * round + 50), 100 * round)
      scheduler.finish(serve(scheduler, 100 * round, 1), 100 * round + 2.4)
    }
    expect(scheduler.times.ms(1, 0)).toBeGreaterThan(2.35)
    expect(scheduler.times.ms(1, 0)).toBeLessThan(2.5)
  })

  it('keeps a reserve for services that are held up, but never takes a request for lost that is not', () => {
    const { scheduler } = start({ recalibrate: true })
    for (let round = 0; round < 16; round++) {
      scheduler.arrive(request('a', 100 * round + 50), 100 * round)
      scheduler.finish(serve(scheduler, 100 * round, 1), 100 * round + (round % 2 ? 12 : 2))
    }
    const { reserveMs } = scheduler.times
    expect(reserveMs).toBeCloseTo(10, 0)
    scheduler.arrive(request('a', 2008), 2000)
    scheduler.arrive(request('b', 2030), 2000)
    const shortestMs = scheduler.times.ms(0, 0)
    expect(slacks(scheduler.observe(2000))).toEqual([shortestMs, 30 - reserveMs])
  })

  it('asks a waiting policy again at an arrival, at a finish, or at the last moment', () => {
    const { scheduler } = start({ workers: 2 })
    const wait = (nowMs: number) => {
      const seen = scheduler.observe(nowMs) as Observation
      scheduler.apply(seen.actions.wait, nowMs)
    }
    expect(scheduler.wakeAtMs).toBe(Number.POSITIVE_INFINITY)
    scheduler.arrive(request('a', 50), 0)
    const job = serve(scheduler, 0, 2)
    scheduler.arrive(request('b', 20), 0)
    wait(0)
    // 20 less the smallest service and a millisecond for the timer.
    expect(scheduler.wakeAtMs).toBe(18)
    expect(scheduler.observe(1)).toBeUndefined()
    scheduler.arrive(request('c', 40), 2)
    expect(slacks(scheduler.observe(2))).toEqual([18, 38])
    wait(2)
    scheduler.finish(job, 4)
    expect(scheduler.observe(4)).toBeDefined()
    wait(4)
    expect(scheduler.observe(17.9)).toBeUndefined()
    const last = scheduler.observe(18) as Observation
    expect(slacks(last)).toEqual([2, 22])
    expect(scheduler.wakeAtMs).toBe(Number.POSITIVE_INFINITY)
    expect(() => scheduler.apply(last.actions.wait, 18)).toThrow('not allowed')
  })
})

describe('what the scheduler refuses', () => {
  it('refuses actions that are not allowed, and keeps the queue', () => {
    const { scheduler } = start({ ladder: exampleLadder([1, 2]) })
    scheduler.arrive(request('a', 3), 0)
    const { actions } = scheduler.observe(0) as Observation
    for (const action of [actions.serve(2, 0), actions.serve(0, 1)]) {
      expect(() => scheduler.apply(action, 0)).toThrow('is not allowed with 1 requests waiting')
    }
    expect(scheduler.queued).toBe(1)
  })

  it.each([
    ['workers', 0],
    ['workers', 1.5],
    ['queueLimit', 0],
    ['queueLimit', Number.NaN],
  ])('refuses %s %d', (name, count) => {
    expect(() => start({ [name]: count })).toThrow(`${name} ${count} is not a whole number`)
  })
})

it('settles every request exactly once, whatever a random policy does', () => {
  const random = new Random(11)
  const { scheduler, dropped } = start({ workers: 2, queueLimit: 6, ladder: exampleLadder([1, 2]) })
  const jobs: [finishMs: number, job: Job<Named>][] = []
  const answered: string[] = []
  const withoutDeadline = new Set<string>()
  let nowMs = 0
  const add = (job: Job<Named> | undefined) => {
    if (job) jobs.push([nowMs + 5 * random.uniform(), job])
  }
  const decide = () => {
    for (let seen = scheduler.observe(nowMs); seen; seen = scheduler.observe(nowMs)) {
      const action = seen.actions.all[random.integer(seen.actions.size)]
      try {
        add(action && scheduler.apply(action, nowMs))
      } catch {
        // Not allowed: the next draw may be.
      }
    }
    add(scheduler.startAsAsked(nowMs))
  }
  for (let name = 0; name < 3000; name++) {
    nowMs += random.uniform()
    for (const [finishMs, job] of jobs.filter(([finishMs]) => finishMs <= nowMs)) {
      scheduler.finish(job, finishMs)
      answered.push(...job.requests.map((one) => one.name))
      jobs.splice(
        jobs.findIndex(([, other]) => other === job),
        1,
      )
    }
    const rank = { priority: random.integer(2), lowestVariant: random.integer(3) }
    const isPatient = random.uniform() < 0.3
    if (isPatient) withoutDeadline.add(`${name}`)
    const deadlineMs = isPatient ? Number.POSITIVE_INFINITY : 15 * random.uniform()
    scheduler.arrive(request(`${name}`, nowMs + deadlineMs, rank), nowMs)
    decide()
    expect(scheduler.queued).toBeLessThanOrEqual(6)
  }
  const running = jobs.flatMap(([, job]) => job.requests).length
  const settled = [...answered, ...dropped.map(([name]) => name)]
  expect(new Set(settled).size).toBe(settled.length)
  expect(settled.length + running + scheduler.queued).toBe(3000)
  const patient = settled.filter((name) => withoutDeadline.has(name))
  expect(patient.length).toBeGreaterThan(100)
  expect(scheduler.tally.settled).toBe(settled.length - patient.length)
})
