import { describe, expect, it } from 'vitest'
import { serveMixed } from './mixed-load.fixture.ts'

describe('deadlines of 150 ms, 25 a second, beside requests without one', () => {
  const priorities = [
    [5, 5],
    [9, 1],
    [1, 9],
  ] as const
  const cells = [5, 10, 20].flatMap((largestMs) =>
    priorities.map((pair) => [largestMs, ...pair] as const),
  )

  it.each(cells)('largest variant %d ms, priorities %d and %d: none starves', (...cell) => {
    const [largestMs, urgentPriority, otherPriority] = cell
    for (const [load, mostPercent] of [
      [0, 1],
      [0.5, 1],
      [0.8, 1],
      [1.1, 5],
    ] as const) {
      const outcome = serveMixed({ load, largestMs, urgentPriority, otherPriority, seed: 11 })
      expect(outcome.violationPercent, `load ${load}`).toBeLessThanOrEqual(mostPercent)
      if (load > 0.8) continue
      expect(outcome.longestShare, `load ${load}`).toBeLessThanOrEqual(3)
      expect(load === 0 || outcome.refusedPercent === 0).toBe(true)
    }
  })

  it('the others have their share of an overload of deadlines, and none of a strict order', () => {
    // Urgent ones alone are more than the smallest variant carries.
    const overload = { load: 0.4, largestMs: 20, urgentPriority: 5, otherPriority: 5, urgency: 40 }
    const shared = serveMixed({ ...overload, seed: 12 })
    expect(shared.refusedPercent).toBe(0)
    expect(shared.longestShare).toBeLessThan(3)
    const strict = serveMixed({ ...overload, order: 'strict', seed: 12 })
    expect(strict.refusedPercent).toBeGreaterThan(80)
    expect(strict.violationPercent).toBeLessThan(shared.violationPercent)
  })
})
