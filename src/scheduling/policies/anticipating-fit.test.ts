import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import { drawArrivals } from '../../simulation/workload/rate-segments.ts'
import { observationOf } from '../example-node.fixture.ts'
import { effectiveAccuracyBracket } from '../hindsight.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { ServiceTimes } from '../service-times.ts'
import { ladderOf } from '../tiny-instances.fixture.ts'
import { anticipatingFit } from './anticipating-fit.ts'
import { fixed } from './rules.ts'
import { uniformFitDrop } from './uniform-fit.ts'

/** So many within any time. */
const expecting = (requests: number) => ({
  forecast: { chance: () => 1, expected: () => requests },
})
const decide = (slacksMs: readonly number[], requests: number) =>
  anticipatingFit().decide(observationOf({ slacksMs, ...expecting(requests) }))

// Variants of 1, 2 and 4 ms.
describe('anticipating-fit', () => {
  it('is uniform-fit-drop where nothing is expected', () => {
    const random = new Random(4)
    for (let trial = 0; trial < 500; trial++) {
      const slacksMs = Array.from(
        { length: 1 + random.integer(6) },
        () => 1 + 12 * random.uniform(),
      )
      slacksMs.sort((a, b) => a - b)
      const seen = observationOf({ slacksMs, batchSizes: trial % 2 === 0 ? [1] : [1, 2] })
      expect(anticipatingFit().decide(seen)).toEqual(uniformFitDrop().decide(seen))
    }
  })

  it.each([
    // One waits for 6 ms: with those expected, so many times 4 ms must end by 6 + 4.
    [[6], 1.5, 2],
    [[6], 1.6, 1],
    // Of 2 ms each by 6 + 2.
    [[6], 3, 1],
    [[6], 3.1, 0],
    [[6], 100, 0],
    // What waits already comes first.
    [[4, 7.9], 0, 1],
  ])('with slacks %j and %d expected serves variant %d', (slacksMs, requests, variant) => {
    expect(decide(slacksMs, requests)).toMatchObject({ kind: 'serve', variant })
  })

  it.each([
    // The largest adds 3 of 90: caution of 1.834 deviations. 1.6 × 4 + 2 × 1.834 × √0.6 ms are at most 6 + 4; with 0.8 more.
    [0.6, 2],
    [0.8, 1],
    // The middle adds 1 of 90: 2.287. 2 × 2 + 2 × 2.287 ms are more than 6 + 2.
    [1, 0],
  ])(
    'that differ little in accuracy, with slack 6 and %d expected serves variant %d',
    (requests, variant) => {
      const times = new ServiceTimes(ladderOf([90, 91, 93], [1, 2, 4]), { margin: 1 })
      const seen = observationOf({ slacksMs: [6], times, ...expecting(requests) })
      expect(anticipatingFit().decide(seen)).toMatchObject({ kind: 'serve', variant })
    },
  )

  it('closes more than half of the gap to the bound on bursts at a tight deadline', () => {
    const ladder = ladderOf([49.8, 63.3, 68.4, 70.9], [0.46, 1.26, 2.83, 4.99])
    const deadlineMs = 7.5
    const arrivalsMs = drawArrivals([{ durationMs: 12_000, ratePerS: 300 }], new Random(21), 4)
    const percentOf = (policy: ReturnType<typeof anticipatingFit>) => {
      const requests = requestsOf(arrivalsMs, deadlineMs)
      const node = { ladder, workers: 1, requests, random: new Random(1), noise: 0 }
      return new ServingNode(node).run(policy).effectiveAccuracyPercent
    }
    const [rule, today] = [percentOf(anticipatingFit()), percentOf(uniformFitDrop())]
    const { highPercent } = effectiveAccuracyBracket({ arrivalsMs, ladder, deadlineMs, steps: 300 })
    expect(highPercent - today).toBeGreaterThan(5)
    expect(rule - today).toBeGreaterThan((highPercent - today) / 2)
    expect(rule).toBeLessThan(highPercent)
  })
})

describe('anticipating-fit, where the time of a worker has a price', () => {
  it.each([
    // Worth: 50 − 50, 80 − 100, 100 − 200 times the share of each millisecond that is lost.
    [0, 2],
    [0.1, 2],
    [0.3, 1],
    [0.7, 0],
  ])('where each ms of backlog costs %d ms serves variant %d', (share, variant) => {
    // 8 ms of room: nothing else waits or runs.
    const congestion = { lostMs: (backlog: number) => 8 * backlog * share }
    const seen = observationOf({ slacksMs: [8], congestion })
    expect(anticipatingFit().decide(seen)).toMatchObject({ kind: 'serve', variant })
  })

  it('counts what runs and waits as backlog, by the smallest variant', () => {
    const asked: number[] = []
    const lostMs = (backlog: number) => {
      asked.push(backlog)
      return 0
    }
    const workerResidualMs = Float64Array.of(0, 3)
    const seen = { slacksMs: [10, 14], sinceArrivalMs: 2, workers: 2, workerResidualMs }
    anticipatingFit().decide(observationOf({ ...seen, congestion: { lostMs } }))
    // 3 ms run and 1 ms waits behind the head; two workers have 14 + 2 ms each.
    expect(asked).toEqual([1, 2, 4].map((ms) => (3 + ms + 1) / 32))
  })

  it('serves the smallest in an overload that comes and goes, where the others add little', () => {
    const ladder = ladderOf([88.9, 90.7, 91.7, 93.3], [0.6, 1.2, 2.5, 5])
    const deadlineMs = 20
    const arrivalsMs = drawArrivals([{ durationMs: 6000, ratePerS: 800 }], new Random(22), 4)
    const percentOf = (policy: SchedulingPolicy) => {
      const requests = requestsOf(arrivalsMs, deadlineMs)
      const node = { ladder, workers: 1, requests, random: new Random(1), noise: 0 }
      return new ServingNode(node).run(policy).effectiveAccuracyPercent
    }
    expect(percentOf(anticipatingFit())).toBeGreaterThan(percentOf(fixed(0)) - 0.3)
  })
})
