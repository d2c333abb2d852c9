import { describe, expect, it } from 'vitest'
import { observationOf } from './example-node.fixture.ts'
import { canServe, isAllowed, largestBatch, type Observation, waitUntilMs } from './observation.ts'

/** What may be served, as `variant×batch size`. */
function offered(observation: Observation): string[] {
  const { actions, times } = observation
  return actions.all.flatMap((action) =>
    action.kind === 'serve' && isAllowed(observation, action)
      ? `${action.variant}×${times.batchSize(action.batch)}`
      : [],
  )
}

describe('what is allowed', () => {
  // Variants of 1, 2 and 4 ms; a batch of three takes twice as long.
  it('serves variants and batches that keep the deadlines of all in them', () => {
    const observation = observationOf({ slacksMs: [3, 3.5, 9], batchSizes: [1, 3] })
    expect(offered(observation)).toEqual(['0×1', '0×3', '1×1'])
  })

  it('looks at every deadline in a batch, in whatever order they stand', () => {
    const observation = observationOf({ slacksMs: [9, 1, 9], batchSizes: [1, 3] })
    expect(offered(observation)).toEqual(['0×1', '1×1', '2×1'])
  })

  it('serves no batch that is not full', () => {
    const observation = observationOf({ slacksMs: [99, 99], batchSizes: [1, 3] })
    expect(offered(observation)).toEqual(['0×1', '1×1', '2×1'])
  })

  it('serves exactly up to the deadline', () => {
    expect(canServe(observationOf({ slacksMs: [2] }), 1, 0)).toBe(true)
    expect(canServe(observationOf({ slacksMs: [1.999] }), 1, 0)).toBe(false)
  })

  it('serves no variant smaller than any in the batch accepts', () => {
    const observation = observationOf({
      slacksMs: [99, 99, 99],
      accepts: [0, 0, 2],
      batchSizes: [1, 3],
    })
    expect(offered(observation)).toEqual(['0×1', '1×1', '2×1', '2×3'])
  })

  it('serves no batch across requests that cannot share one', () => {
    const seen = { slacksMs: [99, 99, 99, 99], batchSizes: [1, 2, 4] }
    const observation = observationOf({ ...seen, apart: Uint8Array.of(0, 0, 1, 0) })
    expect(offered(observation)).toEqual(['0×1', '0×2', '1×1', '1×2', '2×1', '2×2'])
    expect(offered(observationOf({ ...seen, apart: Uint8Array.of(1, 0, 0, 0) }))).toHaveLength(9)
  })

  it('finds the largest batch, or none', () => {
    const slacksMs = [4, 4, 4, 4, 4]
    const observation = observationOf({ slacksMs, batchSizes: [1, 3, 5] })
    expect([0, 1, 2].map((variant) => largestBatch(observation, variant))).toEqual([2, 1, 0])
    expect(largestBatch(observationOf({ slacksMs: [3] }), 2)).toBe(-1)
  })

  it('waits as long as the least spare time of all, less a millisecond for a late timer', () => {
    // Spare: 8, 5 − 4 (accepts the largest only), 20.
    const seen = { slacksMs: [9, 5, 21], accepts: [0, 2, 0], nowMs: 100 }
    expect(waitUntilMs(observationOf(seen))).toBe(100)
    expect(isAllowed(observationOf(seen), observationOf(seen).actions.wait)).toBe(false)
    const longer = observationOf({ ...seen, slacksMs: [9, 5.5, 21] })
    expect(waitUntilMs(longer)).toBe(100.5)
    expect(isAllowed(longer, longer.actions.wait)).toBe(true)
  })

  it('always allows to drop the head', () => {
    const observation = observationOf({ slacksMs: [9] })
    expect(isAllowed(observation, observation.actions.drop)).toBe(true)
  })
})
