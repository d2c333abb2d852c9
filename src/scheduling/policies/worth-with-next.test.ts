import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import { drawArrivals } from '../../simulation/workload/rate-segments.ts'
import { observationOf } from '../example-node.fixture.ts'
import { createLadder } from '../ladder.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { anticipatingFit } from './anticipating-fit.ts'
import { modelSwitching } from './rules.ts'
import { uniformFitDrop } from './uniform-fit.ts'
import { worthWithNext } from './worth-with-next.ts'

// Variants of 1, 2 and 4 ms and 50, 80 and 100 %; three together take 2, 4 and 8 ms. The longest service is 4 ms.
describe('with batches, the head is served by variant', () => {
  it.each([
    // One comes, after 2 ms: behind the largest it has 4 ms left, and is served by the largest, too.
    [6, 1, 1, 2],
    // Three come: 4 ms are enough for the middle; 340 with the largest, 320 with the middle.
    [6, 1, 3, 2],
    // 3 ms are enough for the smallest alone: 100 + 150 with the largest, 80 + 240 with the middle.
    [5, 1, 3, 1],
    // As seldom as that: 100 + 0.2 × 150 and 80 + 0.2 × 240; then 0.3 ×.
    [5, 0.2, 3, 2],
    [5, 0.3, 3, 1],
    // One or two: 100 + (80 + 100) / 2 with the largest, 80 + (100 + 160) / 2 with the middle.
    [5, 1, 1.5, 1],
    // Nothing comes.
    [5, 0, 3, 2],
  ])('slack %d ms, chance %d of %d: %d', (slackMs, chance, coming, variant) => {
    const forecast = { chance: () => chance, expected: () => chance * coming }
    const seen = observationOf({ slacksMs: [slackMs], batchSizes: [1, 3], forecast })
    expect(worthWithNext(seen, 2)).toBe(variant)
  })

  it('and those that wait behind its batch count', () => {
    const forecast = { chance: () => 0.01, expected: () => 0.01 }
    // One remains. After 8 ms it has 4 left, enough for the largest: 300 + 100.
    const seen = { slacksMs: [9, 9, 9, 12], batchSizes: [1, 3], forecast }
    expect(worthWithNext(observationOf(seen), 2)).toBe(2)
    // After 8 ms it has 1 left: 300 + 50. After 4 ms it has 5: 240 + 100.
    expect(worthWithNext(observationOf({ ...seen, slacksMs: [9, 9, 9, 9] }), 2)).toBe(2)
    // After 8 ms none: 300 + 0, and 240 + 100.
    expect(worthWithNext(observationOf({ ...seen, slacksMs: [8, 8, 8, 8] }), 2)).toBe(1)
  })
})

it('bursts at a tight deadline: better than rules that look at the moment, or at the mean load alone', () => {
  const sizes = [1, 2, 4, 8]
  const variants = [49.8, 63.3, 68.4, 70.9].map((accuracyPercent, index) => {
    const loneMs = [0.46, 1.26, 2.83, 4.99][index]
    const serviceTimesMs = sizes.map((size) => loneMs * (0.6 + 0.4 * size))
    return { name: `v${index}`, accuracyPercent, serviceTimesMs }
  })
  const ladder = createLadder(variants, sizes)
  const arrivalsMs = drawArrivals([{ durationMs: 12_000, ratePerS: 200 }], new Random(23), 3)
  const percentOf = (policy: SchedulingPolicy) => {
    const requests = requestsOf(arrivalsMs, 7.5)
    const node = { ladder, workers: 1, requests, random: new Random(1), noise: 0 }
    return new ServingNode(node).run(policy).effectiveAccuracyPercent
  }
  const others = [uniformFitDrop(), modelSwitching([5000, 1000, 400, 200])]
  expect(percentOf(anticipatingFit())).toBeGreaterThan(Math.max(...others.map(percentOf)) + 0.5)
})
