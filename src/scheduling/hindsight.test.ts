import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { serviceFactors } from '../simulation/node/service-factors.ts'
import { requestsOf, ServingNode } from '../simulation/node/serving-node.ts'
import { exampleLadder } from './example-node.fixture.ts'
import { effectiveAccuracyBracket, Hindsight } from './hindsight.ts'
import { createLadder } from './ladder.ts'
import { largest, slackFit } from './policies/rules.ts'
import { uniformFit } from './policies/uniform-fit.ts'
import { bestPercent, ladderOf, tinyInstance } from './tiny-instances.fixture.ts'

// Variants of 1, 2 and 4 ms and 50, 80 and 100 %; a batch of b takes (1 + b) / 2 times as long.
const bound = (arrivalsMs: number[], deadlineMs: number, ladder = exampleLadder()) => {
  const problem = { arrivalsMs: Float64Array.from(arrivalsMs), ladder, deadlineMs }
  const { lowPercent, highPercent } = effectiveAccuracyBracket(problem)
  expect(highPercent).toBe(lowPercent)
  return highPercent
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

  it('is the best of all orders on an instance with ties', () => {
    const ladder = ladderOf([45, 57, 74], [1, 5, 10])
    expect(bound([0, 2, 3], 27, ladder)).toBeCloseTo(74, 9)
    expect(bestPercent([0, 2, 3], 27, ladder)).toBeCloseTo(74, 9)
  })

  it('is what trying everything finds, on 1,000 instances, half of them of whole milliseconds', () => {
    const random = new Random(5)
    for (let trial = 0; trial < 1000; trial++) {
      const { arrivalsMs, deadlineMs, ladder } = tinyInstance(random, trial % 2 === 0)
      const best = bestPercent(arrivalsMs, deadlineMs, ladder)
      expect(bound(arrivalsMs, deadlineMs, ladder), `trial ${trial}`).toBeCloseTo(best, 9)
    }
  })
})

describe('the bound of a long trace', () => {
  it('is a bracket where steps are left out, around the truth', () => {
    const random = new Random(7)
    let nowMs = 0
    const arrivalsMs = Float64Array.from({ length: 400 }, () => {
      nowMs += 4 * random.uniform()
      return nowMs
    })
    const ladder = ladderOf([40, 60, 70, 75], [0.37, 1.13, 2.71, 5.03])
    const bracket = (steps: number) =>
      effectiveAccuracyBracket({ arrivalsMs, ladder, deadlineMs: 20, steps })
    const exact = bracket(100_000)
    expect(exact.lowPercent).toBe(exact.highPercent)
    let widest = Infinity
    for (const steps of [10, 50, 250]) {
      const { lowPercent, highPercent } = bracket(steps)
      expect(lowPercent).toBeLessThanOrEqual(exact.lowPercent)
      expect(highPercent).toBeGreaterThanOrEqual(exact.highPercent)
      expect(highPercent - lowPercent).toBeLessThan(widest)
      widest = highPercent - lowPercent
    }
    expect(widest).toBeLessThan(1)
  })

  it.each([
    ['uniform-fit', uniformFit()],
    ['slack-fit', slackFit()],
    ['the largest', largest()],
  ])('is not reached by %s, whatever luck its services have', (_, policy) => {
    const random = new Random(6)
    let nowMs = 0
    const arrivalsMs = Float64Array.from({ length: 3000 }, () => {
      nowMs += 5 * random.uniform()
      return nowMs
    })
    const ladder = exampleLadder()
    const draw = { noise: 0.2, random: new Random(8) }
    const node = { ladder, workers: 1, requests: requestsOf(arrivalsMs, 10), ...draw }
    const tally = new ServingNode({ ...node, margin: 1, recalibrate: false }).run(policy)
    const factors = serviceFactors(3000, { ...draw, random: new Random(8) })
    const problem = { arrivalsMs, ladder, deadlineMs: 10, factors }
    const { highPercent: percent } = effectiveAccuracyBracket(problem)
    expect(tally.effectiveAccuracyPercent).toBeLessThan(percent)
    expect(tally.effectiveAccuracyPercent).toBeGreaterThan(percent - 45)
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

  it.each([
    [{ arrivalsMs: new Float64Array() }, 'without arrivals'],
    [{ deadlineMs: 0 }, 'deadline 0 ms'],
    [{ steps: 2 }, '2 steps'],
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
