import { describe, expect, test } from 'vitest'
import { PROVENANCE } from '../example-run.fixture.ts'
import { NODE, SCORES, score } from './example-scores.fixture.ts'
import {
  AT_LEAST,
  AT_MOST,
  average,
  BEST_PUBLISHED,
  byNode,
  gainOf,
  halfOf,
  meanOf,
  nodeName,
  pairsOf,
  type SchedulingRun,
  scoresOf,
} from './scores.ts'
import { BOUND, type SchedulingSettings } from './settings.ts'

/** One workload with these seeds, each so accurate. */
function runOf(
  policy: string,
  percents: readonly number[],
  { seed = 7, ...change }: Partial<SchedulingSettings> = {},
): SchedulingRun {
  const settings = {
    ...{ node: NODE, policy, mostRequests: 1, leastMs: 0, overloadMs: 0, everyScenario: 1 },
    ...{ slowdown: 1, recalibrate: true, seed, seeds: percents.length },
    ...change,
  }
  const outcomes = percents.map((effectiveAccuracyPercent, index) => ({
    ...{ scenario: 'w1', family: 'steady', load: 1, requests: 100, seed: seed + index },
    effectiveAccuracyPercent,
    ...(policy === BOUND && { reachedPercent: effectiveAccuracyPercent - 1 }),
    servedAccuracyPercent: null,
    violationPercent: null,
  }))
  return { settings, result: { outcomes }, provenance: PROVENANCE }
}

describe('scores', () => {
  test('are what a run says of one workload and seed, with what the run was of', () => {
    const training = { trainer: 'hindsight', seed: 2001 } as const
    const scores = scoresOf([runOf('a', [60, 61], { training })])
    expect(scores.map(({ seed }) => seed)).toEqual([7, 8])
    expect(scores[1]).toMatchObject({
      ...{ node: 'mobilenet, cpu, 1 worker, 2 ×', policy: 'a', trainingSeed: 2001 },
      effectiveAccuracyPercent: 61,
    })
    expect(nodeName({ ...NODE, workers: 4 })).toBe('mobilenet, cpu, 4 workers, 2 ×')
  })

  test('of the bound are its two ends', () => {
    const ends = scoresOf([runOf(BOUND, [70])]).map((end) => [
      end.policy,
      end.effectiveAccuracyPercent,
    ])
    expect(ends).toEqual([
      [AT_LEAST, 69],
      [AT_MOST, 70],
    ])
  })

  test('of the best published rule are those of the best over all seeds, in each workload', () => {
    const runs = [runOf('slack-fit', [60, 62]), runOf('jellyfish', [70, 50]), runOf('a', [90, 90])]
    const best = scoresOf(runs).filter(({ policy }) => policy === BEST_PUBLISHED)
    expect(best.map((each) => each.effectiveAccuracyPercent)).toEqual([60, 62])
  })
})

test('a load of 1 is the last that a node carries', () => {
  expect([0.4, 1, 1.001, 12].map((load) => halfOf({ load }))).toEqual([
    ...['load up to 1', 'load up to 1'],
    ...['load above 1', 'load above 1'],
  ])
})

describe('a mean', () => {
  test('is of the means of the seeds, each of which counts once however many workloads it has', () => {
    // Seed 101: (61 + 54 + 48) / 3 = 54.33; seed 102: 63.
    const scored = meanOf(SCORES.slice(0, 4), (each) => each.effectiveAccuracyPercent)
    expect(scored?.mean).toBeCloseTo((163 / 3 + 63) / 2, 12)
    expect(scored).toMatchObject({ low: 163 / 3, high: 63 })
  })

  test('of a learned policy is of the means of its trainings', () => {
    const trained = [
      score('a', 'w1', 101, 60, { trainingSeed: 2001 }),
      score('a', 'w1', 102, 64, { trainingSeed: 2001 }),
      score('a', 'w1', 101, 70, { trainingSeed: 2002 }),
    ]
    const scored = meanOf(trained, (each) => each.effectiveAccuracyPercent)
    expect(scored).toEqual({ mean: 66, low: 62, high: 70 })
  })

  test('leaves out what is not there, and is not itself where nothing is', () => {
    const some = [
      score('a', 'w1', 101, 1),
      score('a', 'w2', 101, 2, { servedAccuracyPercent: null }),
    ]
    expect(meanOf(some, (each) => each.servedAccuracyPercent)).toEqual({
      mean: 70,
      low: 70,
      high: 70,
    })
    expect(meanOf([], () => 1)).toBeUndefined()
    expect(average([])).toBeNaN()
  })
})

describe('pairs', () => {
  test('are of the same node, workload and seed under either policy, and of nothing else', () => {
    const others = [
      score('a', 'w4', 101, 9),
      score('b', 'w1', 103, 9),
      score('b', 'w1', 101, 9, { node: 'n2' }),
    ]
    const pairs = pairsOf([...SCORES, ...others], 'a', 'b')
    expect(pairs.map(gainOf)).toEqual([1, 3, 4, -2])
    expect(pairsOf(SCORES, 'a', 'c')).toEqual([])
  })
})

test('nodes are told apart in order of first appearance', () => {
  const two = [score('a', 'w1', 101, 5, { node: 'n2' }), ...SCORES]
  expect(byNode(two).map(([node, own]) => [node, own.length])).toEqual([
    ['n2', 1],
    ['n1', 8],
  ])
})
