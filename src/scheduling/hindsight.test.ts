import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { requestsOf, ServingNode } from '../simulation/node/serving-node.ts'
import { exampleLadder } from './example-node.fixture.ts'
import { effectiveAccuracyBoundPercent, Hindsight } from './hindsight.ts'
import { createLadder, type Ladder } from './ladder.ts'
import { slackFit } from './policies/rules.ts'
import { uniformFit } from './policies/uniform-fit.ts'

// Variants of 1, 2 and 4 ms and 50, 80 and 100 %; a batch of b takes (1 + b) / 2 times as long.
const bound = (arrivalsMs: number[], deadlineMs: number, ladder = exampleLadder()) =>
  effectiveAccuracyBoundPercent({ arrivalsMs: Float64Array.from(arrivalsMs), ladder, deadlineMs })

/** The best sum of accuracies over all ways to settle the requests, one after the other. */
function bruteForce(
  arrivalsMs: readonly number[],
  deadlineMs: number,
  { variants, batchSizes }: Ladder,
  freeAtMs = 0,
): number {
  const [firstMs] = arrivalsMs
  if (firstMs === undefined) return 0
  let best = bruteForce(arrivalsMs.slice(1), deadlineMs, { variants, batchSizes }, freeAtMs)
  for (const { accuracyPercent, serviceTimesMs } of variants) {
    for (const [batch, size] of batchSizes.entries()) {
      const lastMs = arrivalsMs[size - 1]
      if (lastMs === undefined) break
      const endMs = Math.max(freeAtMs, lastMs) + serviceTimesMs[batch]
      if (endMs > firstMs + deadlineMs) continue
      const rest = bruteForce(arrivalsMs.slice(size), deadlineMs, { variants, batchSizes }, endMs)
      best = Math.max(best, size * accuracyPercent + rest)
    }
  }
  return best
}

describe('the bound', () => {
  it.each([
    [[0], 4, 100],
    [[0], 3.9, 80],
    [[0], 0.9, 0],
    // Two at once within 4 ms: 80 and 80, each 2 ms, are better than 100 and none.
    [[0, 0], 4, 80],
    // Within 5 ms, in order: 100 for the one, 50 for the other is less than 80 and 80.
    [[0, 0], 5, 80],
    [[0, 0], 6, 90],
    // The second comes when the first is done.
    [[0, 4], 4, 100],
    [[0, 3], 4, 90],
  ])('of arrivals %j with deadline %d ms is %d %%', (arrivalsMs, deadlineMs, percent) => {
    expect(bound(arrivalsMs, deadlineMs)).toBeCloseTo(percent, 6)
  })

  it('waits for a batch where that pays', () => {
    // Two with the largest take 6 ms: from the second arrival at 0.22 on, between two points of the grid.
    expect(bound([0, 0.22], 6.22, exampleLadder([1, 2]))).toBeCloseTo(100, 6)
    expect(bound([0, 0.22], 6.22)).toBeCloseTo(90, 6)
  })

  it.each([[[1]], [[1, 2]]])('is what trying everything finds, with batches %j', (batchSizes) => {
    const random = new Random(5)
    const ladder = exampleLadder(batchSizes)
    for (let trial = 0; trial < 60; trial++) {
      const count = 2 + random.integer(5)
      // On the grid of the recursion, so that nothing is interpolated.
      const arrivalsMs = Array.from({ length: count }, () => random.integer(160) / 20)
      arrivalsMs.sort((a, b) => a - b)
      const best = bruteForce(arrivalsMs, 6, ladder)
      expect(bound(arrivalsMs, 6, ladder)).toBeCloseTo(best / count, 6)
    }
  })

  it.each([
    ['uniform-fit', uniformFit()],
    ['slack-fit', slackFit()],
  ])('is not reached by %s', (_, policy) => {
    const random = new Random(6)
    let nowMs = 0
    const arrivalsMs = Float64Array.from({ length: 3000 }, () => {
      nowMs += 5 * random.uniform()
      return nowMs
    })
    const ladder = exampleLadder()
    const node = { ladder, workers: 1, requests: requestsOf(arrivalsMs, 10), random, noise: 0 }
    const tally = new ServingNode({ ...node, margin: 1, recalibrate: false }).run(policy)
    const percent = effectiveAccuracyBoundPercent({ arrivalsMs, ladder, deadlineMs: 10 })
    expect(tally.effectiveAccuracyPercent).toBeLessThan(percent)
    expect(tally.effectiveAccuracyPercent).toBeGreaterThan(percent - 20)
  })
})

describe('Hindsight', () => {
  const problem = { arrivalsMs: Float64Array.of(0, 2, 3), ladder: exampleLadder(), deadlineMs: 6 }
  const hindsight = new Hindsight(problem)

  it('values what is left from any request and any time on', () => {
    expect(hindsight.value(3, 100)).toBe(0)
    // The last alone, until 9: the largest up to 5, the middle up to 7, the smallest up to 8.
    expect([3, 5, 7, 8].map((freeAtMs) => hindsight.value(2, freeAtMs))).toEqual([100, 100, 80, 50])
    expect(hindsight.value(2, 8.5)).toBeCloseTo(0, 9)
    // Both others: 2 to 4 or 6, then to 8 or 9.
    expect(hindsight.value(1, 0)).toBeCloseTo(180, 9)
  })

  it('values an action as its own accuracy and what it leaves', () => {
    const ofVariant = [1, 2, 4].map((serviceMs, variant) => {
      return [50, 80, 100][variant] + hindsight.value(1, serviceMs)
    })
    expect(hindsight.value(0, 0)).toBeCloseTo(Math.max(...ofVariant, hindsight.value(1, 0)), 9)
  })

  it('lets a violation cost its price', () => {
    // Two at once within 4.5 ms: 100 and none, or 80 and 80; within 0.5 ms none.
    const arrivalsMs = Float64Array.of(0, 0)
    const value = (deadlineMs: number, violationPrice: number) =>
      new Hindsight({ ...problem, arrivalsMs, deadlineMs, violationPrice }).value(0, 0)
    expect(value(0.5, 0)).toBeCloseTo(0, 9)
    expect(value(0.5, 2)).toBe(-400)
    expect(value(4.5, 2)).toBe(160)
    expect(value(1.52, 2)).toBe(50 - 200)
  })

  it('interpolates between its points', () => {
    const coarse = new Hindsight({ ...problem, stepMs: 2 })
    expect(coarse.value(2, 6)).toBeCloseTo((coarse.value(2, 5) + coarse.value(2, 7)) / 2, 9)
  })

  it.each([
    [{ arrivalsMs: new Float64Array() }, 'without arrivals'],
    [{ deadlineMs: 0 }, 'deadline 0 ms'],
    [{ stepMs: 0 }, 'step 0 ms'],
    [{ stepMs: 7 }, 'step 7 ms'],
  ])('refuses %j', (wrong, message) => {
    expect(() => new Hindsight({ ...problem, ...wrong })).toThrow(message)
  })
})

describe('several workers', () => {
  const ladder = createLadder([
    { name: 'small', accuracyPercent: 50, serviceTimesMs: [1] },
    { name: 'large', accuracyPercent: 100, serviceTimesMs: [4] },
  ])
  const valueWith = (count: number, workers: number, deadlineMs: number) => {
    const arrivalsMs = new Float64Array(count)
    return new Hindsight({ arrivalsMs, ladder, deadlineMs, workers }).value(0, 0)
  }

  it('are one that is as many times as fast', () => {
    // Four at once: one worker has time for a large one only at the cost of others; four have it for all.
    expect(valueWith(4, 1, 4)).toBeCloseTo(200, 6)
    expect(valueWith(4, 4, 6)).toBeCloseTo(400, 6)
  })

  it('take longer than that for one answer', () => {
    // Evenly spaced, a worker that is next free needs (4 + 1) / 2 turns of 1 ms: 2.5 ms, not 1.
    expect(valueWith(1, 4, 2.4)).toBeCloseTo(50, 6)
    expect(valueWith(1, 4, 2.6)).toBeCloseTo(100, 6)
  })
})
