import { describe, expect, test } from 'vitest'
import { bruteForceMs } from './brute-force.fixture.ts'
import { mismatches } from './fractional.fixture.ts'
import { plan } from './plan.ts'
import type { PlanningProblem } from './problem.ts'
import { responseTimesOf } from './response-times.ts'
import { SAMPLE_SHAPES } from './sample-problems.fixture.ts'

test.each(SAMPLE_SHAPES)('%s: no mismatch with brute force', (shape) => {
  expect(mismatches(shape, 1, 10, 3)).toEqual([])
})

const to = { tier: 'edge', variant: 'large' } as const
const fast = { placement: { tier: 'end', variant: 'small' }, accuracyPercent: 90 } as const
const cascade = (share: number) => ({
  ...fast,
  accuracyPercent: 92,
  escalation: { to, margin: 0.5, share },
})

/** Each device escalates so much to one edge, 300 ms alone and 250 ms more with each further user; 60 ms first, 20 ms of link. */
function escalating(...shares: readonly number[]): PlanningProblem {
  const choices = [fast, { placement: to, accuracyPercent: 93 }, cascade(0.2)]
  return {
    devices: shares.length,
    choices,
    ownTimesMs: Float64Array.from(shares.flatMap((share) => [60, 20, 60 + share * 20])),
    loads: Float64Array.from(shares.flatMap((share) => [0, 1, share])),
    edgeOf: Int32Array.from(shares, () => 0),
    edgeCurvesMs: [Float64Array.from(shares, (_, others) => 300 + 250 * others)],
    cloudCurveMs: new Float64Array(0),
    goalPercent: 92,
  }
}

describe('what a cascade takes', () => {
  test('alone is exactly the small variant and its share of link and node', () => {
    for (const share of [0.02, 0.1, 0.123, 0.2, 0.5, 0.987, 1]) {
      // Nobody sends all of them.
      const problem = escalating(share)
      const ownTimesMs = problem.ownTimesMs.with(1, Number.POSITIVE_INFINITY)
      const planned = plan({ ...problem, ownTimesMs })
      expect(planned.decision).toEqual([2])
      expect(planned.proven).toBe(true)
      expect(planned.totalResponseTimeMs).toBeCloseTo(60 + share * (20 + 300), 9)
      expect(responseTimesOf(problem, [2])[0]).toBeCloseTo(60 + share * 320, 9)
    }
  })

  test('beside others is what it meets there on average', () => {
    const problem = escalating(0.2, 0.5, 1)
    // Of the first: its requests meet 1.5 others on average, a fifth of the time.
    const [first, second, third] = responseTimesOf(problem, [2, 2, 1])
    expect(first).toBeCloseTo(60 + 0.2 * (20 + 300 + 250 * 1.5), 9)
    expect(second).toBeCloseTo(60 + 0.5 * (20 + 300 + 250 * 1.2), 9)
    expect(third).toBeCloseTo(20 + 300 + 250 * 0.7, 9)
  })

  test('counts where every share is stated by the choice alone, too', () => {
    const { loads: _, ...problem } = escalating(0.2, 0.2)
    expect(responseTimesOf(problem, [2, 0])[0]).toBeCloseTo(60 + 0.2 * 320, 9)
    expect(plan(problem).totalResponseTimeMs).toBeCloseTo(bruteForceMs(problem), 6)
  })
})

test('a share that is none is refused', () => {
  for (const share of [-0.1, 1.1, Number.NaN]) {
    const problem = escalating(0.2)
    const loads = Float64Array.of(0, 1, share)
    expect(() => plan({ ...problem, loads })).toThrow(
      `loads[0, 2] is ${share}: give a share of the requests`,
    )
  }
  expect(() => plan({ ...escalating(0.2), loads: new Float64Array(2) })).toThrow(
    'loads is 2 long: give devices × choices = 3',
  )
})
