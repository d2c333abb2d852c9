/** The rules of the literature, on situations worked out by hand. Variants of 1, 2 and 4 ms. */
import { describe, expect, it } from 'vitest'
import { type ExampleObservation, observationOf } from '../example-node.fixture.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import {
  edfLargestFeasible,
  edfQuickestFirst,
  fixed,
  largest,
  modelSwitching,
  slackFit,
  smallest,
} from './rules.ts'

/** The choice as `variant×batch size`, or drop. */
function choice(policy: SchedulingPolicy, seen: ExampleObservation): string {
  const observation = observationOf(seen)
  const action = policy.decide(observation)
  if (action.kind !== 'serve') return action.kind
  return `${action.variant}×${observation.times.batchSize(action.batch)}`
}

describe('one variant for all', () => {
  it.each([
    [smallest(), '0×1'],
    [fixed(1), '1×1'],
    [largest(), '2×1'],
  ])('$name serves with it', (policy, expected) => {
    expect(choice(policy, { slacksMs: [5, 5] })).toBe(expected)
  })

  it('fills batches', () => {
    expect(choice(largest(), { slacksMs: [9, 9, 9], batchSizes: [1, 3] })).toBe('2×3')
  })

  it('drops a head too late for it', () => {
    expect(choice(largest(), { slacksMs: [3.9] })).toBe('drop')
  })

  it('serves a request that accepts larger variants only with the smallest of them', () => {
    expect(choice(smallest(), { slacksMs: [5], accepts: [1] })).toBe('1×1')
    expect(choice(smallest(), { slacksMs: [1.5], accepts: [1] })).toBe('drop')
  })
})

describe('earliest deadline first', () => {
  it('largest feasible looks at the head alone', () => {
    expect(choice(edfLargestFeasible(), { slacksMs: [4, 4, 4, 4] })).toBe('2×1')
    expect(choice(edfLargestFeasible(), { slacksMs: [3, 9, 9] })).toBe('1×1')
  })

  it.each([
    [[6, 6, 6], '2×1'],
    [[6, 6, 5.9], '1×1'],
    [[6, 6, 3.9], '0×1'],
    [[6, 6, 1], '0×1'],
  ])('quickest first leaves the rest time for the smallest: %j → %s', (slacksMs, expected) => {
    expect(choice(edfQuickestFirst(), { slacksMs })).toBe(expected)
  })
})

describe('SlackFit', () => {
  it.each([
    [4, '2×1'],
    [3.9, '1×1'],
    [1.9, '0×1'],
  ])('without batches, the largest that %d ms of slack allow', (slackMs, expected) => {
    expect(choice(slackFit(), { slacksMs: [slackMs, 9, 9, 9, 9, 9] })).toBe(expected)
  })

  it('prefers, in one bucket of time, the largest batch', () => {
    // Three with the middle variant take 4 ms, as one with the largest does: the middle one is chosen.
    const batchSizes = [1, 3]
    expect(choice(slackFit(), { slacksMs: [4, 9, 9], batchSizes })).toBe('1×3')
    expect(choice(slackFit(), { slacksMs: [4], batchSizes })).toBe('1×1')
    expect(choice(slackFit(), { slacksMs: [8, 9, 9], batchSizes })).toBe('2×3')
  })
})

describe('Model-Switching', () => {
  const policy = modelSwitching([800, 400, 100])
  const seen = (ratePerS: number, slackMs = 20) =>
    observationOf({
      slacksMs: [slackMs],
      arrivalRatesPerS: Float64Array.of(9999, 9999, 9999, ratePerS),
    })

  it.each([
    [0, 2],
    [100, 2],
    [101, 1],
    [400, 1],
    [401, 0],
    [5000, 0],
  ])('at %d requests a second over the last second it serves variant %d', (ratePerS, variant) => {
    expect(policy.decide(seen(ratePerS))).toMatchObject({ kind: 'serve', variant })
  })

  it('serves a late head with a smaller variant', () => {
    expect(policy.decide(seen(0, 2.5))).toMatchObject({ kind: 'serve', variant: 1 })
  })
})
