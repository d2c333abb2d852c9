import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { Action } from '../../scheduling/action.ts'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import type { Observation } from '../../scheduling/observation.ts'
import { largest, smallest } from '../../scheduling/policies/rules.ts'
import { uniformFit } from '../../scheduling/policies/uniform-fit.ts'
import type { ServiceOrder } from '../../scheduling/request-queue.ts'
import { stateless } from '../../scheduling/scheduling-policy.ts'
import { requestsOf, ServingNode, type ServingNodeOptions, type Settled } from './serving-node.ts'

// Variants of 1, 2 and 4 ms and 50, 80 and 100 %.
const nodeOf = (
  arrivalsMs: readonly number[],
  deadlineMs: number,
  options: Partial<ServingNodeOptions> = {},
) =>
  new ServingNode({
    ladder: exampleLadder(),
    workers: 1,
    requests: requestsOf(arrivalsMs, deadlineMs),
    random: new Random(1),
    noise: 0,
    margin: 1,
    recalibrate: false,
    ...options,
  })

/** When each request, by its arrival, was settled, and by which variant. */
function timesOf(settled: readonly Settled[]): [number, number, number | undefined][] {
  return settled.map(({ request, atMs, variant }) => [request.arrivalMs, atMs, variant])
}

describe('a serving node', () => {
  it('serves one after the other, with the largest variant for all in the queue', () => {
    const settled: Settled[] = []
    const node = nodeOf([0, 1, 2, 20], 9, { onSettled: (one) => settled.push(one) })
    const tally = node.run(uniformFit())
    // At 0 alone: 4 ms. At 4, two wait with 6 and 7 ms left: 2 ms, then 4 would end at 10 of 11.
    expect(timesOf(settled)).toEqual([
      [0, 4, 2],
      [1, 6, 1],
      [2, 10, 2],
      [20, 24, 2],
    ])
    expect(tally.effectiveAccuracyPercent).toBeCloseTo((3 * 100 + 80) / 4, 9)
    expect(tally.switches).toBe(2)
  })

  it('serves with all its workers at once', () => {
    const settled: Settled[] = []
    nodeOf([0, 0, 0], 9, { workers: 2, onSettled: (one) => settled.push(one) }).run(largest())
    expect(timesOf(settled)).toEqual([
      [0, 4, 2],
      [0, 4, 2],
      [0, 8, 2],
    ])
  })

  it('drops what can no longer be served, when a worker is free', () => {
    const settled: Settled[] = []
    const node = nodeOf([0, 0.5, 0.6], 5, { onSettled: (one) => settled.push(one) })
    expect(node.run(uniformFit()).dropped).toMatchObject({ expired: 1, refused: 0, 'given-up': 0 })
    expect(timesOf(settled)).toEqual([
      [0, 4, 2],
      [0.5, 5, 0],
      [0.6, 5, undefined],
    ])
  })

  it('takes a finish before an arrival of the same moment', () => {
    const seen: number[] = []
    const policy = stateless('watch', (observation) => {
      seen.push(observation.workerResidualMs[1])
      return largest().decide(observation)
    })
    nodeOf([0, 4], 20, { workers: 2 }).run(policy)
    expect(seen).toEqual([0, 0])
  })

  it('wakes a waiting policy at the last moment', () => {
    const settled: Settled[] = []
    const node = nodeOf([0], 10, { onSettled: (one) => settled.push(one) })
    node.act(node.next()?.actions.wait as Action)
    // A millisecond before the smallest variant would be late.
    const last = node.next() as Observation
    expect(last.nowMs).toBe(8)
    node.act(last.actions.serve(0, 0))
    expect(node.next()).toBeUndefined()
    expect(timesOf(settled)).toEqual([[0, 9, 0]])
  })
})

it('a serving node serves requests without a deadline as asked, by their soft deadlines', () => {
  const patient = (arrivalMs: number, lowestVariant: number) => {
    return { arrivalMs, deadlineMs: Number.POSITIVE_INFINITY, priority: 0, lowestVariant }
  }
  const requests = [patient(0, 1), patient(0, 2), ...requestsOf([1, 1], 12), patient(2, 0)]
  const settled: Settled[] = []
  const node = nodeOf([], 0, { requests, onSettled: (one) => settled.push(one) })
  expect(node.run(largest()).settled).toBe(2)
  expect(timesOf(settled)).toEqual([
    [0, 2, 1],
    [1, 6, 2],
    [1, 10, 2],
    // Due at 22, twenty times 1 ms after it came; the other at 80.
    [2, 11, 0],
    [0, 15, 2],
  ])
})

describe('requests that differ', () => {
  const request = (arrivalMs: number, lastsMs: number, priority: number, lowestVariant = 0) => {
    return { arrivalMs, deadlineMs: arrivalMs + lastsMs, priority, lowestVariant }
  }
  const requests = [
    request(0, 40, 1, 2),
    request(1, 40, 1),
    request(2, 20, 1, 2),
    request(3, 30, 0),
  ]
  const served = (order: ServiceOrder) => {
    const settled: Settled[] = []
    nodeOf([], 0, { requests, order, onSettled: (one) => settled.push(one) }).run(smallest())
    return timesOf(settled)
  }

  it('are served by deadline, and by no smaller variant than they accept', () => {
    // At 4 three wait, and all can be in time: the one due at 22, which asks for the largest, then 33, then 41.
    expect(served('shares')).toEqual([
      [0, 4, 2],
      [2, 8, 2],
      [3, 9, 0],
      [1, 10, 0],
    ])
  })

  it('are served by priority first, where that is asked for', () => {
    expect(served('strict')).toEqual([
      [0, 4, 2],
      [3, 5, 0],
      [2, 9, 2],
      [1, 10, 0],
    ])
  })
})

describe('how a serving node is told', () => {
  it('takes longer than profiled when it is slower', () => {
    const tally = nodeOf([0], 4.5, { slowdown: 1.2 }).run(largest())
    expect([...tally.late]).toEqual([0, 0, 1])
  })

  it('spreads service times as told', () => {
    const logs: number[] = []
    const arrivalsMs = Array.from({ length: 4000 }, (_, index) => 10 * index)
    nodeOf(arrivalsMs, 9, {
      noise: 0.1,
      onSettled: ({ request, atMs }) => logs.push(Math.log((atMs - request.arrivalMs) / 4)),
    }).run(largest())
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length
    expect(mean).toBeCloseTo(0, 2)
    expect(Math.sqrt(variance)).toBeCloseTo(0.1, 2)
  })

  it('learns from recalibration that it has become slower, and keeps its deadlines', () => {
    const arrivalsMs = Array.from({ length: 3000 }, (_, index) => 2.6 * index)
    const slower = { slowdown: 1.3, noise: 0.03, random: new Random(2) }
    const stubborn = nodeOf(arrivalsMs, 12, { ...slower, margin: 1.06 }).run(uniformFit())
    const learning = nodeOf(arrivalsMs, 12, { ...slower, margin: 1.06, recalibrate: true })
    expect(learning.run(uniformFit()).violationPercent).toBeLessThan(0.5)
    expect(stubborn.violationPercent).toBeGreaterThan(1)
  })

  it('lets a policy know of the arrival rate what it is told to', () => {
    const seenBy = (options: Partial<ServingNodeOptions>) => {
      const { arrivalRatesPerS, sinceArrivalMs } = nodeOf([5, 7], 9, options).next() as Observation
      return { rates: [...arrivalRatesPerS], sinceArrivalMs }
    }
    const usual = seenBy({})
    expect(usual.sinceArrivalMs).toBe(0)
    expect(Math.min(...usual.rates)).toBeGreaterThan(0)
    expect(seenBy({ rateKnowledge: 'none' })).toEqual({
      rates: [0, 0, 0, 0],
      sinceArrivalMs: Number.POSITIVE_INFINITY,
    })
    const told = seenBy({ rateKnowledge: (nowMs) => 100 * nowMs })
    expect(told.rates).toEqual([...usual.rates.slice(0, 3), 500])
  })

  it('replays from its seed', () => {
    const arrivalsMs = Array.from({ length: 500 }, (_, index) => 1.3 * index)
    const run = (seed: number) => {
      const settled: Settled[] = []
      const random = new Random(seed)
      const options = { noise: 0.1, random, onSettled: (one: Settled) => settled.push(one) }
      nodeOf(arrivalsMs, 8, options).run(uniformFit())
      return timesOf(settled)
    }
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  it.each([[[0, 5, 4]], [[-1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]]])(
    'refuses arrivals at %j',
    (arrivalsMs) => {
      expect(() => nodeOf(arrivalsMs, 9)).toThrow(/request \d arrives at/)
    },
  )

  it('refuses a node without workers', () => {
    expect(() => nodeOf([], 9, { workers: 0 })).toThrow('workers 0')
  })
})

it('waits as long as queueing theory says: Poisson arrivals, constant service (Pollaczek-Khinchine)', () => {
  const random = new Random(8)
  let nowMs = 0
  const arrivalsMs = Array.from({ length: 60_000 }, () => {
    nowMs -= 1.25 * Math.log(1 - random.uniform())
    return nowMs
  })
  let waitedMs = 0
  nodeOf(arrivalsMs, 1e6, {
    queueLimit: 1000,
    onSettled: ({ request, atMs }) => {
      waitedMs += atMs - request.arrivalMs - 1
    },
  }).run(smallest())
  // ρ = 0.8 and s = 1 ms: ρ s / (2 (1 − ρ)) = 2 ms.
  expect(waitedMs / arrivalsMs.length).toBeGreaterThan(1.85)
  expect(waitedMs / arrivalsMs.length).toBeLessThan(2.15)
})
