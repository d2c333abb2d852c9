import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { SimulatedClock } from './simulated-clock.ts'

describe('SimulatedClock', () => {
  it('lets events happen in the order of their times, each at its own', () => {
    const clock = new SimulatedClock()
    const seen: [string, number][] = []
    for (const [name, delayMs] of Object.entries({ c: 30, a: 10, b: 20 })) {
      clock.schedule(delayMs, () => seen.push([name, clock.nowMs()]))
    }
    clock.advance(Infinity)
    expect(seen).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ])
  })

  it('keeps the order of scheduling at one instant', () => {
    const clock = new SimulatedClock()
    const seen: number[] = []
    for (let index = 0; index < 50; index++) clock.schedule(5, () => seen.push(index))
    clock.advance(Infinity)
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('lets events that events schedule happen in their turn', () => {
    const clock = new SimulatedClock()
    const seen: string[] = []
    clock.schedule(10, () => {
      clock.schedule(5, () => seen.push(`nested at ${clock.nowMs()}`))
      clock.schedule(0, () => seen.push(`at once at ${clock.nowMs()}`))
    })
    clock.schedule(12, () => seen.push('between'))
    clock.advance(Infinity)
    expect(seen).toEqual(['at once at 10', 'between', 'nested at 15'])
  })

  it('advances to the stated time and no event further', () => {
    const clock = new SimulatedClock()
    const seen: number[] = []
    for (const delayMs of [10, 20, 21]) clock.schedule(delayMs, () => seen.push(delayMs))
    clock.advance(20)
    expect([seen, clock.nowMs()]).toEqual([[10, 20], 20])
    clock.advance(0.5)
    expect([seen, clock.nowMs()]).toEqual([[10, 20], 20.5])
    clock.advance(5)
    expect([seen, clock.nowMs()]).toEqual([[10, 20, 21], 25.5])
  })
})

describe('Scheduling on a SimulatedClock', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('schedules nothing in %s ms', (delayMs) => {
    expect(() => new SimulatedClock().schedule(delayMs, () => {})).toThrow(`${delayMs} ms`)
  })

  it.each([1, 2, 3])('sorts random events as sorting does (seed %i)', (seed) => {
    const random = new Random(seed)
    const clock = new SimulatedClock()
    const delays = Array.from({ length: 500 }, () => random.integer(100))
    const seen: number[] = []
    for (const [index, delayMs] of delays.entries()) {
      clock.schedule(delayMs, () => seen.push(index))
    }
    clock.advance(Infinity)
    const sorted = [...delays.keys()].toSorted(
      (one, other) => (delays[one] ?? 0) - (delays[other] ?? 0) || one - other,
    )
    expect(seen).toEqual(sorted)
  })
})
