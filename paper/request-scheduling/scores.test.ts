import { describe, expect, test } from 'vitest'
import { PROVENANCE } from '../example-run.fixture.ts'
import { SCORES, score } from './example-scores.fixture.ts'
import { average, byNode, gainOf, groupOf, meanOf, nodeName, pairsOf, scoresOf } from './scores.ts'

test('a score is what a run says of one workload, with what the run was of', () => {
  const node = { profile: 'batching', workers: 4, deadlineMs: 20 } as const
  const { scenario, family, load, requests, effectiveAccuracyPercent } = SCORES[0]
  const rest = { servedAccuracyPercent: null, violationPercent: null }
  const outcome = { scenario, family, load, requests, effectiveAccuracyPercent, ...rest }
  const settings = {
    node,
    policy: 'a',
    mostRequests: 1,
    leastMs: 0,
    overloadMs: 0,
    everyScenario: 1,
    slowdown: 1,
    recalibrate: true,
    seed: 7,
  }
  const result = { outcomes: [outcome, { ...outcome, scenario: 'w2' }] }
  const scores = scoresOf([{ settings, result, provenance: PROVENANCE }])
  expect(scores.map((each) => each.scenario)).toEqual(['w1', 'w2'])
  expect(scores[1]).toEqual({
    ...outcome,
    scenario: 'w2',
    node: 'batching, 4 workers, 20 ms',
    workers: 4,
    profile: 'batching',
    policy: 'a',
    seed: 7,
  })
  expect(nodeName({ ...node, workers: 1 })).toBe('batching, 1 worker, 20 ms')
})

test('a load belongs to a group whose bound it does not pass', () => {
  const groups = [0, 0.999, 1, 2, 2.001, 4, 4.001].map((load) => groupOf({ load }))
  expect(groups).toEqual(['light', 'light', 'medium', 'medium', 'high', 'high', 'overload'])
})

describe('a mean', () => {
  test('is of the means of the seeds, each of which counts once however many workloads it has', () => {
    // Seed 101: (61 + 54 + 48) / 3 = 54.33; seed 102: 63.
    const scored = meanOf(SCORES.slice(0, 4), (each) => each.effectiveAccuracyPercent)
    expect(scored?.mean).toBeCloseTo((163 / 3 + 63) / 2, 12)
    expect(scored).toMatchObject({ low: 163 / 3, high: 63 })
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
