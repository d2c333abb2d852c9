import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { ProcessorSharing } from './processor-sharing.ts'
import { SimulatedClock } from './simulated-clock.ts'

interface Request {
  readonly arrivalMs: number
  readonly serviceMs: number
}

/** Departure times on the simulated clock. Shape [requests]. */
function departures(requests: readonly Request[], slowdown: (count: number) => number): number[] {
  const clock = new SimulatedClock()
  const server = new ProcessorSharing(clock, slowdown)
  const departuresMs = requests.map(() => Number.NaN)
  requests.forEach(({ arrivalMs, serviceMs }, index) => {
    clock.schedule(arrivalMs, () =>
      server.arrive(serviceMs, () => {
        departuresMs[index] = clock.nowMs()
      }),
    )
  })
  clock.advance(Infinity)
  return departuresMs
}

/** One processor: k requests get a k-th of it each. */
const fair = (count: number) => Math.max(1, count)

function expectClose(actual: readonly number[], expected: readonly number[], digits = 6): void {
  expect(actual).toHaveLength(expected.length)
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, digits)
}

describe('ProcessorSharing', () => {
  it('serves a lone request in its service time', () => {
    expectClose(departures([{ arrivalMs: 7, serviceMs: 30 }], fair), [37])
  })

  it('serves requests that come together at the slowdown of their number', () => {
    const together = Array.from({ length: 3 }, () => ({ arrivalMs: 10, serviceMs: 100 }))
    expectClose(departures(together, fair), [310, 310, 310])
  })

  it('gives a latecomer a share from its arrival on', () => {
    // Alone for 40 ms: 60 ms of work left. Then both run at half speed: the first leaves at 40 + 120, having given the
    // second 60 of its 80 ms; 20 ms remain, alone.
    const requests = [
      { arrivalMs: 0, serviceMs: 100 },
      { arrivalMs: 40, serviceMs: 80 },
    ]
    expectClose(departures(requests, fair), [160, 180])
  })

  it('speeds up the rest when a short request leaves', () => {
    // Together until the short one has had its 10 ms (at 20); the long one has 90 left.
    const requests = [
      { arrivalMs: 0, serviceMs: 10 },
      { arrivalMs: 0, serviceMs: 100 },
    ]
    expectClose(departures(requests, fair), [20, 110])
  })

  it('does not slow down what its cores can hold', () => {
    const fourCores = (count: number) => Math.max(1, count / 4)
    const requests = [0, 10, 20, 30].map((arrivalMs) => ({ arrivalMs, serviceMs: 100 }))
    expectClose(departures(requests, fourCores), [100, 110, 120, 130])
  })

  it('serves again after it was idle', () => {
    const requests = [
      { arrivalMs: 0, serviceMs: 10 },
      { arrivalMs: 1000, serviceMs: 10 },
    ]
    expectClose(departures(requests, fair), [10, 1010])
  })

  it('finishes where the clock is too late to tell nanoseconds', () => {
    const clock = new SimulatedClock()
    clock.advance(1e12)
    const server = new ProcessorSharing(clock, fair)
    let answered = 0
    for (const serviceMs of [0.1, 0.2, 0.3]) server.arrive(serviceMs, () => answered++)
    clock.advance(Infinity)
    expect(answered).toBe(3)
  })

  it.each([1, 2, 3, 4, 5])('agrees with integrating in small steps (seed %i)', (seed) => {
    const random = new Random(seed)
    const slowdown = (count: number) => Math.max(1, 0.85 * count + 0.15)
    const requests = Array.from({ length: 6 }, () => ({
      arrivalMs: random.integer(200),
      serviceMs: 1 + random.integer(200),
    }))
    const stepMs = 0.01
    const remaining = requests.map(({ serviceMs }) => serviceMs)
    const expected = requests.map(() => Number.NaN)
    for (let step = 0; remaining.some((left) => left > 0); step++) {
      const nowMs = step * stepMs
      const present = requests.flatMap(({ arrivalMs }, index) =>
        arrivalMs <= nowMs && (remaining[index] ?? 0) > 0 ? [index] : [],
      )
      for (const index of present) {
        remaining[index] = (remaining[index] ?? 0) - stepMs / slowdown(present.length)
        if ((remaining[index] ?? 0) <= 0) expected[index] = nowMs
      }
    }
    const actual = departures(requests, slowdown)
    for (const [index, value] of expected.entries()) {
      expect(Math.abs((actual[index] ?? 0) - value)).toBeLessThan(0.2)
    }
  })
})
