import { describe, expect, it } from 'vitest'
import { batchAsAsked, batchOf } from './batch-mates.ts'
import { createLadder } from './ladder.ts'
import type { QueuedRequest } from './request-queue.ts'
import { ServiceTimes } from './service-times.ts'

/** The large variant is served by twos at most. */
const times = new ServiceTimes(
  createLadder(
    [
      { name: 'small', accuracyPercent: 50, serviceTimesMs: [1, 1.5, 2] },
      { name: 'large', accuracyPercent: 90, serviceTimesMs: [4, 6] },
    ],
    [1, 2, 4],
  ),
  { margin: 1 },
)
const one = (more: Partial<QueuedRequest> = {}): QueuedRequest => {
  return { deadlineMs: 100, priority: 5, lowestVariant: 0, ...more }
}
const many = (count: number, more: Partial<QueuedRequest> = {}) =>
  Array.from({ length: count }, () => one(more))
const sizes = ({ variant, batch, requests }: ReturnType<typeof batchOf>) => [
  variant,
  batch,
  requests.length,
]

describe('with a deadline', () => {
  it.each([
    ['as many as fill a batch', 0, many(4), [0, 2, 4]],
    ['no more than the variant is served in', 1, many(4), [1, 1, 2]],
    ['no half-filled one', 0, many(3), [0, 1, 2]],
    ['the first alone', 0, many(1), [0, 0, 1]],
    [
      'up to one of another kind',
      0,
      [...many(2, { kind: 'a' }), one({ kind: 'b' }), one({ kind: 'a' })],
      [0, 1, 2],
    ],
    ['up to one that asks for more', 0, [...many(2), one({ lowestVariant: 1 }), one()], [0, 1, 2]],
    ['no larger variant than the first may have', 1, many(4, { highestVariant: 0 }), [0, 2, 4]],
    [
      'up to one that may not have so large a one',
      1,
      [one(), one({ highestVariant: 0 })],
      [1, 0, 1],
    ],
    [
      'up to one that asks for more than the first may have',
      1,
      [...many(2, { highestVariant: 0 }), one({ lowestVariant: 1 })],
      [0, 1, 2],
    ],
  ])('%s', (_, chosen, candidates, expected) => {
    const served = batchOf(candidates, chosen, times)
    expect(sizes(served)).toEqual(expected)
    expect(served.requests).toEqual(candidates.slice(0, served.requests.length))
  })
})

describe('without a deadline', () => {
  const soft = (more: Partial<QueuedRequest> = {}) => one({ deadlineMs: Infinity, ...more })
  const asAsked = (requests: readonly QueuedRequest[], firstDueMs = 100) => {
    const dueMs = requests.map((_, index) => (index === 0 ? firstDueMs : 100))
    return sizes(batchAsAsked({ requests, dueMs }, 0, times))
  }
  const four = [soft(), soft(), soft(), soft()]

  it.each([
    ['as many as fill a batch', four, [0, 2, 4]],
    ['up to one with a deadline', [soft(), one(), soft()], [0, 0, 1]],
    ['up to one that asked for another variant', [soft(), soft({ lowestVariant: 1 })], [0, 0, 1]],
    ['up to one of another kind', [soft(), soft(), soft({ kind: 'b' }), soft()], [0, 1, 2]],
  ])('%s', (_, requests, expected) => {
    expect(asAsked(requests)).toEqual(expected)
  })

  it.each([
    [2, 4],
    [1.9, 2],
    [1.4, 1],
    [1, 1],
    // It is late anyway.
    [0.9, 4],
  ])('with %d ms left for the first, %d at once', (dueMs, count) => {
    expect(asAsked(four, dueMs)[2]).toBe(count)
  })
})
