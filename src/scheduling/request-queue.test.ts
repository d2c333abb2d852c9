import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import {
  hasDeadline,
  type QueuedRequest,
  RequestQueue,
  type ServiceOrder,
} from './request-queue.ts'

interface Named extends QueuedRequest {
  readonly name: number
}

const never = Number.POSITIVE_INFINITY
const request = (name: number, deadlineMs: number, priority = 0): Named => {
  return { name, deadlineMs, priority, lowestVariant: 0 }
}

/** Of services of 10 ms. */
function queueOf(requests: readonly Named[], order: ServiceOrder = 'shares', softMs = 100) {
  const queue = new RequestQueue<Named>(order, 1, () => 10)
  for (const one of requests) queue.insert(one, Math.min(one.deadlineMs, softMs))
  return queue
}

const names = (queue: RequestQueue<Named>, nowMs = 0) =>
  queue.inOrder(nowMs).requests.map(({ name }) => name)

/** Serves so many, none of them new, always the first. */
function serve(queue: RequestQueue<Named>, count: number, nowMs = 0): number[] {
  return Array.from({ length: count }, () => {
    const [first] = queue.inOrder(nowMs).requests
    if (first === undefined) return -1
    queue.serve(first, 10)
    return first.name
  })
}

describe('while all can be in time', () => {
  it('serves the earliest deadline first, whatever the priorities', () => {
    expect(names(queueOf([request(1, 30), request(2, 10), request(3, 20)]))).toEqual([2, 3, 1])
    const mixed = [request(1, 40, 1), request(2, 30, 9), request(3, 20, 5)]
    expect(names(queueOf(mixed))).toEqual([3, 2, 1])
  })

  it('counts a soft deadline like any other', () => {
    const mixed = [request(1, never), request(2, 30), request(3, 200), request(4, never)]
    expect(names(queueOf(mixed))).toEqual([2, 1, 4, 3])
  })

  it('counts of each the time that it takes of a batch, and the last in full', () => {
    const queue = new RequestQueue<Named>(
      'shares',
      1,
      () => 10,
      () => 2,
    )
    // The sixth ends at 5 × 2 + 10; of another priority, so that not all can be in time at 19.
    for (const name of [1, 2, 3, 4, 5]) queue.insert(request(name, 20, 9), 20)
    queue.insert(request(6, 21, 1), 21)
    expect(names(queue)).toEqual([1, 2, 3, 4, 5, 6])
    expect(names(queue, 2)).not.toEqual([1, 2, 3, 4, 5, 6])
  })

  it('serves equals in order of arrival', () => {
    expect(names(queueOf([request(1, 30), request(2, 30), request(3, 30)]))).toEqual([1, 2, 3])
  })
})

describe('when not all can be in time', () => {
  // Of 10 ms each, due at 100: at 60 the fifth is late.
  const crowd = (from: number, count: number, priority: number, deadlineMs = 100) =>
    Array.from({ length: count }, (_, index) => request(from + index, deadlineMs, priority))

  it('gives each kind its share: of priorities 1 and 9 four to one', () => {
    const queue = queueOf([...crowd(100, 20, 1), ...crowd(900, 20, 9)])
    const served = serve(queue, 20)
    expect(served.filter((name) => name >= 900)).toHaveLength(4)
    // None waits for its turn longer than a round of shares.
    expect(served.slice(0, 5).some((name) => name >= 900)).toBe(true)
  })

  it('serves a kind at once that asks for less than its share', () => {
    const queue = queueOf(crowd(100, 30, 1, never))
    expect(serve(queue, 10, 90).every((name) => name < 200)).toBe(true)
    queue.insert(request(1, 240, 9), 240)
    expect(names(queue, 200)[0]).toBe(1)
  })

  it('does not let a kind save up shares while it does not wait', () => {
    const queue = queueOf(crowd(100, 40, 5, 2000))
    // Nearly only the one kind for long; then as many of both.
    queue.insert(request(899, never, 5), 50)
    serve(queue, 20, 1990)
    for (const one of crowd(900, 20, 5, never)) queue.insert(one, 50)
    const served = serve(queue, 10, 1990)
    // Half, and the one that counts as being served when they come.
    expect(served.filter((name) => name >= 899)).toHaveLength(6)
  })

  it('forgets who was served more as soon as all can be in time', () => {
    const queue = queueOf([...crowd(100, 10, 1, 30), ...crowd(900, 1, 9, 30)])
    serve(queue, 11)
    queue.insert(request(1, 500, 1), 500)
    queue.insert(request(2, 400, 9), 400)
    expect(names(queue)).toEqual([2, 1])
    expect(names(queue, 495)).toEqual([2, 1])
  })
})

describe('in strict order', () => {
  it('a lower priority number is first, whatever the deadlines', () => {
    const queue = queueOf([request(1, 10, 2), request(2, 30, 1), request(3, 20, 1)], 'strict')
    expect(names(queue)).toEqual([3, 2, 1])
  })

  it('those without a deadline are last', () => {
    const mixed = [request(1, never, 1), request(2, 30, 9), request(3, never), request(4, 10)]
    expect(names(queueOf(mixed, 'strict'))).toEqual([4, 2, 3, 1])
  })
})

describe('RequestQueue', () => {
  it('gives up the last of the kind that holds most for its weight', () => {
    // Three of weight 2 hold less for it than two of weight 1.
    const five = [request(1, 50, 1), request(2, 60, 1), request(3, 70, 1)]
    const queue = queueOf([...five, request(4, 80, 5), request(5, 90, 5)])
    expect(queue.mostDispensable().name).toBe(5)
    queue.remove(queue.mostDispensable())
    expect(queue.mostDispensable().name).toBe(3)
    const strict = queueOf([...five, request(4, 80, 5), request(5, never, 0)], 'strict')
    expect(strict.mostDispensable().name).toBe(5)
  })

  it('tells who can no longer make a deadline', () => {
    const queue = queueOf([request(1, 19.9), request(2, 20), request(3, never)])
    expect(queue.expired(10).map(({ name }) => name)).toEqual([1])
  })

  it('takes out what waits, once', () => {
    const [one, two] = [request(1, 10), request(2, never)]
    const queue = queueOf([one, two])
    expect([queue.remove(two), queue.remove(two), queue.length]).toEqual([true, false, 1])
    expect(names(queue)).toEqual([1])
  })

  it('holds every request once, in due order within its kind, whatever happens', () => {
    const random = new Random(3)
    const queue = new RequestQueue<Named>('shares', 2, () => 5)
    const inside = new Set<Named>()
    for (let step = 0; step < 2000; step++) {
      if (random.uniform() < 0.55) {
        const deadlineMs = random.uniform() < 0.3 ? never : step + random.integer(60)
        const one = request(step, deadlineMs, random.integer(3))
        queue.insert(one, Math.min(deadlineMs, step + 30))
        inside.add(one)
      } else if (inside.size > 0) {
        const { requests } = queue.inOrder(step)
        const one = requests[random.integer(2) % requests.length]
        if (random.uniform() < 0.5) queue.serve(one, 5)
        else queue.remove(one)
        inside.delete(one)
      }
      const { requests, dueMs } = queue.inOrder(step)
      expect(new Set(requests)).toEqual(inside)
      expect(queue.length).toBe(requests.length)
      const last = new Map<string, number>()
      for (const [place, one] of requests.entries()) {
        const kind = `${hasDeadline(one)} ${one.priority}`
        expect(dueMs[place]).toBeGreaterThanOrEqual(last.get(kind) ?? 0)
        last.set(kind, dueMs[place])
      }
    }
  })
})
