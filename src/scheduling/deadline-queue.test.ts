import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { DeadlineQueue, type QueuedRequest } from './deadline-queue.ts'

interface Named extends QueuedRequest {
  readonly name: number
}

const request = (name: number, deadlineMs: number, priority = 0): Named => {
  return { name, deadlineMs, priority, lowestVariant: 0 }
}
const names = (queue: DeadlineQueue<Named>) =>
  Array.from({ length: queue.length }, (_, position) => queue.at(position).name)

function queueOf(...requests: readonly Named[]): DeadlineQueue<Named> {
  const queue = new DeadlineQueue<Named>(100)
  for (const one of requests) queue.insert(one)
  return queue
}

describe('DeadlineQueue', () => {
  it('serves the earliest deadline first', () => {
    expect(names(queueOf(request(1, 30), request(2, 10), request(3, 20)))).toEqual([2, 3, 1])
  })

  it('serves a lower priority number first, whatever the deadlines', () => {
    const queue = queueOf(request(1, 10, 2), request(2, 30, 1), request(3, 20, 1))
    expect(names(queue)).toEqual([3, 2, 1])
  })

  it('serves those without a deadline last, in order of arrival', () => {
    const never = Number.POSITIVE_INFINITY
    const queue = queueOf(
      request(1, never, 1),
      request(2, 30, 9),
      request(3, never),
      request(4, 10),
    )
    expect(names(queue)).toEqual([4, 2, 3, 1])
  })

  it('serves equals in order of arrival', () => {
    expect(names(queueOf(request(1, 10), request(2, 10), request(3, 10)))).toEqual([1, 2, 3])
  })

  it('tells where a request would stand', () => {
    const queue = queueOf(request(1, 10), request(2, 20), request(3, 30))
    expect(queue.countBefore(request(4, 20))).toBe(2)
    expect(queue.countBefore(request(4, 5))).toBe(0)
    expect(queue.countBefore(request(4, 99))).toBe(3)
  })

  it('gives from the front, from the end and from between', () => {
    const queue = queueOf(...[1, 2, 3, 4, 5].map((name) => request(name, name)))
    expect(queue.take(2).map(({ name }) => name)).toEqual([1, 2])
    expect(queue.takeLast()?.name).toBe(5)
    const [three, four] = [queue.at(0), queue.at(1)]
    expect(queue.remove(four)).toBe(true)
    expect(queue.remove(four)).toBe(false)
    expect(queue.removeAt(0)).toBe(three)
    expect(queue.takeLast()).toBeUndefined()
  })

  it('is full at its limit', () => {
    const queue = new DeadlineQueue<Named>(2)
    queue.insert(request(1, 1))
    expect(queue.isFull).toBe(false)
    queue.insert(request(2, 2))
    expect(queue.isFull).toBe(true)
    queue.take(1)
    expect(queue.isFull).toBe(false)
  })
})

describe('DeadlineQueue, at length', () => {
  it('agrees with a sorted list through thousands of random changes', () => {
    const random = new Random(7)
    const queue = new DeadlineQueue<Named>(40)
    let list: Named[] = []
    for (let name = 0; name < 5000; name++) {
      const dice = random.uniform()
      if (dice < 0.6 && !queue.isFull) {
        const one = request(name, random.integer(50), random.integer(3))
        queue.insert(one)
        list.push(one)
        // Array sort is stable: equals stay in order of arrival.
        list.sort((a, b) => a.priority - b.priority || a.deadlineMs - b.deadlineMs)
      } else if (dice < 0.8) {
        const count = Math.min(list.length, random.integer(4))
        expect(queue.take(count)).toEqual(list.slice(0, count))
        list = list.slice(count)
      } else if (dice < 0.9) {
        expect(queue.takeLast()).toBe(list.pop())
      } else if (list.length > 0) {
        const position = random.integer(list.length)
        expect(queue.removeAt(position)).toBe(list[position])
        list.splice(position, 1)
      }
      expect(names(queue)).toEqual(list.map((one) => one.name))
    }
  })
})
