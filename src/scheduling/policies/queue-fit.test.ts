import { describe, expect, it } from 'vitest'
import { observationOf } from '../example-node.fixture.ts'
import { leastSpareMs, queueFits, serveAtMost, serveHead } from './queue-fit.ts'

// Variants of 1, 2 and 4 ms; a batch of three takes twice as long as one.
describe('leastSpareMs', () => {
  it('serves one after the other', () => {
    // Done at 2, 4, 6.
    const observation = observationOf({ slacksMs: [5, 5.5, 7] })
    expect(leastSpareMs(observation, 1, 1)).toBe(1)
    // Done at 4, 5, 6.
    expect(leastSpareMs(observation, 2, 0)).toBe(0.5)
  })

  it('counts k workers as one k times as fast, but for the head', () => {
    // Done at 4, not 2; then at 4 and 6.
    expect(leastSpareMs(observationOf({ slacksMs: [5, 9, 9], workers: 2 }), 2, 2)).toBe(1)
    expect(leastSpareMs(observationOf({ slacksMs: [9, 9, 6.5], workers: 2 }), 2, 2)).toBe(0.5)
  })

  it('counts what the other workers have still to do', () => {
    // One and a half milliseconds of two workers first: the second is done at 1.5 + 4, not at 4.
    const workerResidualMs = Float64Array.of(0, 3)
    const observation = observationOf({ slacksMs: [9, 6], workers: 2, workerResidualMs })
    expect(leastSpareMs(observation, 2, 2)).toBe(0.5)
  })

  it('fills no batch that would be late as a whole', () => {
    // The head alone takes 4 ms with the largest: three would take 8.
    const seen = { slacksMs: [7.9, 11, 11, 11], batchSizes: [1, 3] }
    // The rest in one batch with the middle variant: done at 8.
    expect(leastSpareMs(observationOf(seen), 2, 1)).toBe(3)
    // With the largest it would end at 12: one by one at 8, 12 and 16.
    expect(leastSpareMs(observationOf(seen), 2, 2)).toBe(-5)
    // Two workers: started at 2, ends at 10 of 9; one by one at 4, 6 and 8.
    const tighter = { ...seen, slacksMs: [7.9, 9, 9, 9], workers: 2 }
    expect(leastSpareMs(observationOf(tighter), 2, 2)).toBe(1)
  })

  it('fills batches, and asks of all in them', () => {
    // Three in 4 ms, the fourth alone at 6.
    const slacksMs = [9, 9, 4.25, 9]
    expect(leastSpareMs(observationOf({ slacksMs, batchSizes: [1, 3] }), 1, 1)).toBe(0.25)
    expect(leastSpareMs(observationOf({ slacksMs: [9, 9, 9, 6], batchSizes: [1, 3] }), 1, 1)).toBe(
      0,
    )
  })

  it('fills no batch across requests that cannot share one', () => {
    const seen = { slacksMs: [9, 9, 9, 9], batchSizes: [1, 3] }
    // Alone at 2, then three at 6; or one by one until 8.
    expect(leastSpareMs(observationOf({ ...seen, apart: Uint8Array.of(0, 1, 0, 0) }), 1, 1)).toBe(3)
    expect(leastSpareMs(observationOf({ ...seen, apart: Uint8Array.of(0, 1, 1, 0) }), 1, 1)).toBe(1)
  })

  it('serves those that accept larger variants only with their smallest', () => {
    // Done at 1, 5, 6.
    const observation = observationOf({ slacksMs: [9, 9, 6.5], accepts: [0, 2, 0] })
    expect(leastSpareMs(observation, 0, 0)).toBe(0.5)
  })

  it('stops early, with a time below what was asked', () => {
    const observation = observationOf({ slacksMs: [9, 1, 0] })
    expect(leastSpareMs(observation, 0, 0)).toBe(-3)
    expect(leastSpareMs(observation, 0, 0, 0)).toBe(-1)
  })
})

describe('queueFits', () => {
  it('is whether none is late', () => {
    expect(queueFits(observationOf({ slacksMs: [2, 4, 6] }), 1, 1)).toBe(true)
    expect(queueFits(observationOf({ slacksMs: [2, 4, 5.9] }), 1, 1)).toBe(false)
    expect(queueFits(observationOf({ slacksMs: [2, 4, 5.9] }), 1, 0)).toBe(true)
  })

  it('is not with a variant that the head does not accept', () => {
    expect(queueFits(observationOf({ slacksMs: [9], accepts: [1] }), 0, 0)).toBe(false)
  })
})

describe('serving the head', () => {
  it('takes the largest batch', () => {
    const observation = observationOf({ slacksMs: [9, 9, 9, 9], batchSizes: [1, 3] })
    expect(serveHead(observation, 2)).toMatchObject({ variant: 2, batch: 1 })
  })

  it.each([
    [2, 9, 2],
    [2, 3, 1],
    [2, 1.5, 0],
    [-1, 9, 0],
  ])('at most variant %d with %d ms left is variant %d', (variant, slackMs, expected) => {
    const observation = observationOf({ slacksMs: [slackMs] })
    expect(serveAtMost(observation, variant)).toMatchObject({ variant: expected })
  })

  it('is never below what the head accepts', () => {
    const observation = observationOf({ slacksMs: [3], accepts: [1] })
    expect(serveAtMost(observation, 0)).toMatchObject({ variant: 1 })
    expect(serveAtMost(observation, 2)).toMatchObject({ variant: 1 })
  })
})
