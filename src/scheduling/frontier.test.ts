import { describe, expect, test } from 'vitest'
import { Random } from '../random.ts'
import { Frontier, type Settling } from './frontier.ts'

type Step = readonly [timeMs: number, worth: number]

const AT_ONCE: Settling = { worth: 0, occupiedMs: 0, readyMs: -Infinity, latestMs: Infinity }

/** Of steps in any order. */
function frontierOf(steps: readonly Step[]): Frontier {
  let all = new Frontier(0)
  for (const step of steps) {
    const next = new Frontier(all.size + 1)
    next.merge(all, Frontier.of(...step), AT_ONCE)
    all = next
  }
  return all
}

/** The most that any of the steps is worth that is late enough. */
const best = (steps: readonly Step[], timeMs: number) =>
  Math.max(...steps.filter(([atMs]) => atMs >= timeMs).map(([, worth]) => worth))

/** Whole numbers, so that no rounding decides. */
const stepsOf = (random: Random, most: number): Step[] =>
  Array.from({ length: 1 + random.integer(most) }, () => [random.integer(40), random.integer(20)])

describe('at', () => {
  const frontier = frontierOf([
    [10, 5],
    [30, 1],
    [20, 2],
    [20, 3],
    [15, 3],
    [5, 4],
  ])

  test('a step that another beats in both is left out', () => expect(frontier.size).toBe(3))

  test.each([
    [31, 1],
    [30, 1],
    [21, 1],
    [20, 3],
    [15, 3],
    [11, 3],
    [10, 5],
    [-Infinity, 5],
  ])('from %d ms on the best that is late enough: %d', (timeMs, worth) => {
    expect(frontier.at(timeMs)).toBe(worth)
  })

  test('what rounding alone makes late is in time', () => {
    expect(frontier.at(20 + 1e-9)).toBe(3)
    expect(frontier.at(20.001)).toBe(1)
  })
})

describe('merge', () => {
  const merged = (one: Frontier, other: Frontier, settling: Settling) => {
    const both = new Frontier(one.size + other.size)
    both.merge(one, other, settling)
    return both
  }
  const nothing = Frontier.of(Infinity, 0)

  test('settling starts early enough for what follows it, and adds its worth', () => {
    const after = frontierOf([
      [50, 1],
      [40, 3],
    ])
    const settling = { worth: 2, occupiedMs: 15, readyMs: 0, latestMs: 100 }
    const both = merged(nothing, after, settling)
    // The worker must be free by 35 for what is worth 1 afterwards, by 25 for what is worth 3.
    expect([36, 35, 26, 25].map((timeMs) => both.at(timeMs))).toEqual([0, 3, 3, 5])
  })

  test('it starts at its latest, however late what follows may be', () => {
    const both = merged(nothing, nothing, { worth: 2, occupiedMs: 15, readyMs: 0, latestMs: 20 })
    expect([21, 20].map((timeMs) => both.at(timeMs))).toEqual([0, 2])
  })

  test('it is none where it would have to start before all have come', () => {
    const after = Frontier.of(30, 0)
    const settling = { worth: 2, occupiedMs: 10, latestMs: 100 }
    expect(merged(nothing, after, { ...settling, readyMs: 20 }).at(20)).toBe(2)
    expect(merged(nothing, after, { ...settling, readyMs: 21 }).at(0)).toBe(0)
    expect(merged(nothing, nothing, { ...settling, readyMs: 101 }).at(0)).toBe(0)
  })

  test('of any two it is the best of all their steps', () => {
    const random = new Random(11)
    for (let round = 0; round < 300; round++) {
      const [ones, others] = [stepsOf(random, 8), stepsOf(random, 8)]
      const settling = {
        worth: random.integer(6) - 1,
        occupiedMs: random.integer(12),
        readyMs: random.integer(20),
        latestMs: random.integer(40),
      }
      const settled = others
        .map(
          ([timeMs, worth]): Step => [
            Math.min(settling.latestMs, timeMs - settling.occupiedMs),
            worth + settling.worth,
          ],
        )
        .filter(([startMs]) => startMs >= settling.readyMs)
      const both = merged(frontierOf(ones), frontierOf(others), settling)
      const all = [...ones, ...settled]
      const latestMs = Math.max(...all.map(([timeMs]) => timeMs))
      const timesMs = Array.from({ length: latestMs + 1 }, (_, timeMs) => timeMs)
      expect(timesMs.map((timeMs) => both.at(timeMs))).toEqual(
        timesMs.map((timeMs) => best(all, timeMs)),
      )
    }
  })
})

test('a copy is its own: worths changed by so much, and the first one stays', () => {
  const first = frontierOf([
    [20, 1],
    [10, 4],
  ])
  const copy = new Frontier(2)
  copy.copy(first, 3)
  const clone = copy.clone()
  copy.copy(Frontier.of(9, 9))
  expect([clone.size, clone.at(20), clone.at(10)]).toEqual([2, 4, 7])
  expect([first.at(20), first.at(10), copy.size, copy.at(0)]).toEqual([1, 4, 1, 9])
})

describe('thin', () => {
  test('few enough stay as they are', () => {
    const frontier = frontierOf([
      [30, 1],
      [20, 2],
      [10, 3],
    ])
    frontier.thin(3, 'high')
    expect([30, 20, 10].map((timeMs) => frontier.at(timeMs))).toEqual([1, 2, 3])
  })

  test('neighbours in time become one: its own for a low end, with the worth of later ones for a high', () => {
    const steps: Step[] = [
      [Infinity, 1],
      [60, 2],
      [59, 3],
      [0, 4],
    ]
    const thinned = (end: 'low' | 'high') => {
      const frontier = frontierOf(steps)
      frontier.thin(3, end)
      return [100, 60, 59, 0].map((timeMs) => frontier.at(timeMs))
    }
    expect(thinned('low')).toEqual([1, 1, 3, 4])
    expect(thinned('high')).toEqual([1, 3, 3, 4])
  })

  test('never more steps than asked for, and the two ends enclose what was', () => {
    const random = new Random(5)
    for (let round = 0; round < 200; round++) {
      // What needs nothing may start whenever it likes.
      const steps: Step[] = [[Infinity, 0], ...stepsOf(random, 30)]
      const exact = frontierOf(steps)
      const [low, high] = [exact.clone(), exact.clone()]
      const most = 3 + random.integer(6)
      low.thin(most, 'low')
      high.thin(most, 'high')
      expect(Math.max(low.size, high.size)).toBeLessThanOrEqual(most)
      const wrong = Array.from({ length: 41 }, (_, timeMs) => timeMs).filter(
        (timeMs) => low.at(timeMs) > exact.at(timeMs) || high.at(timeMs) < exact.at(timeMs),
      )
      expect(wrong).toEqual([])
      // Nothing is promised that no schedule has at any time.
      expect(high.at(-Infinity)).toBe(exact.at(-Infinity))
      expect(low.at(-Infinity)).toBe(exact.at(-Infinity))
    }
  })
})
