import { describe, expect, test } from 'vitest'
import { exampleLadder } from './example-node.fixture.ts'
import { emptyObservation } from './observation.ts'
import type { QueuedRequest } from './request-queue.ts'
import { ServiceTimes } from './service-times.ts'
import { fillQueue } from './slack.ts'

/** With a deadline: due then. Without one: due at its soft one. */
interface Waiting {
  readonly deadlineMs?: number
  readonly softMs?: number
  readonly variant?: number
}

/** Variants of 1, 2 and 4 ms, planned without margin. @returns slack and variants of those with a deadline */
function seen(waiting: readonly Waiting[], { nowMs = 100, workers = 1, batchSizes = [1] } = {}) {
  const times = new ServiceTimes(exampleLadder(batchSizes), { margin: 1, recalibrate: false })
  const observation = emptyObservation(times, workers, waiting.length)
  const requests = waiting.map(({ deadlineMs = Infinity, variant = 0 }): QueuedRequest => {
    return { deadlineMs, priority: 0, lowestVariant: variant }
  })
  const dueMs = waiting.map(({ deadlineMs, softMs = Infinity }) => deadlineMs ?? softMs)
  const shown = fillQueue(observation, { requests, dueMs }, nowMs)
  expect(shown).toEqual(requests.filter(({ deadlineMs }) => deadlineMs < Infinity))
  const { queued, slackMs, lowestVariant } = observation
  expect(queued).toBe(shown.length)
  return { slacksMs: [...slackMs.slice(0, queued)], variants: [...lowestVariant.slice(0, queued)] }
}

describe('requests with a deadline alone', () => {
  test('have what is left to it, in order of service', () => {
    expect(seen([{ deadlineMs: 110 }, { deadlineMs: 150, variant: 2 }])).toEqual({
      slacksMs: [10, 50],
      variants: [0, 2],
    })
  })

  test('have as long as their smallest variant takes, however late they are', () => {
    const late = [{ deadlineMs: 103, variant: 2 }, { deadlineMs: 20 }]
    expect(seen(late).slacksMs).toEqual([4, 1])
  })

  test('are none where none waits', () => {
    expect(seen([])).toEqual({ slacksMs: [], variants: [] })
    expect(seen([{ softMs: 200 }])).toEqual({ slacksMs: [], variants: [] })
  })
})

describe('beside requests without a deadline', () => {
  test('they have less by all that is served before them, spread over the workers', () => {
    const waiting = [{ softMs: 999, variant: 2 }, { deadlineMs: 150 }, { softMs: 999, variant: 1 }]
    // 50 less 4; the last one leaves them 999 - 100 less all 6 of its kind: more.
    expect(seen(waiting).slacksMs).toEqual([46])
    expect(seen(waiting, { workers: 2 }).slacksMs).toEqual([48])
  })

  test('they leave whoever comes after them time for its soft deadline', () => {
    const waiting = [{ deadlineMs: 200 }, { softMs: 130, variant: 1 }]
    // 30 ms until then, of which it takes 2.
    expect(seen(waiting).slacksMs).toEqual([28])
    expect(seen(waiting, { workers: 2 }).slacksMs).toEqual([29])
  })

  test('of several after them the one in the greatest hurry counts, and those between them', () => {
    const waiting = [
      { deadlineMs: 200 },
      { softMs: 160, variant: 0 },
      { deadlineMs: 201 },
      { softMs: 130, variant: 1 },
      { deadlineMs: 202 },
    ]
    // Before the last: 130 - 100 less 1 + 2. Before the one of 160: 60 less 1 is more than that.
    expect(seen(waiting).slacksMs).toEqual([27, 27, 99])
  })

  test('what comes after one of them takes nothing of its time', () => {
    const waiting = [{ deadlineMs: 200 }, { softMs: 130 }, { softMs: 200, variant: 2 }]
    // 30 less the 1 that it takes itself.
    expect(seen(waiting).slacksMs).toEqual([29])
  })

  test('one that is late makes them hurry, but leaves them a full batch of their smallest variant', () => {
    const waiting = [{ deadlineMs: 200, variant: 1 }, { deadlineMs: 200 }, { softMs: 90 }]
    // Batches of 1 and 2 take 2 and 3 ms of the middle variant, 1 and 1.5 of the small one.
    expect(seen(waiting, { batchSizes: [1, 2] }).slacksMs).toEqual([3, 1.5])
    expect(seen(waiting).slacksMs).toEqual([2, 1])
  })

  test('a late one never gives anybody more time than their deadline leaves', () => {
    const waiting = [{ deadlineMs: 102, variant: 0 }, { softMs: 90 }]
    expect(seen(waiting, { batchSizes: [1, 8] }).slacksMs).toEqual([1])
    expect(seen([{ deadlineMs: 102 }, { softMs: 500 }]).slacksMs).toEqual([2])
  })
})
