import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Bound } from './bound.ts'
import { bruteForceMs, keepsGoal, totalMs } from './brute-force.fixture.ts'
import { Dual } from './dual.ts'
import { layOut } from './lay-out.ts'
import { findDecision } from './primal.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

describe.each(SAMPLE_SHAPES)('%s', (shape) => {
  test('from good prices, near the best of small fleets', () => {
    let above = 0
    let found = 0
    for (let seed = 101; seed < 111; seed++) {
      for (const goalPercent of [0, 80, 85, 89]) {
        const problem = sampleProblem(
          { devices: 3, edges: 1, goalPercent, shape },
          new Random(seed),
        )
        const dual = new Dual(layOut(problem))
        const bound = new Bound(dual)
        bound.ascend()
        const { cloudUsers } = bound.lowest
        const decided = findDecision(dual, bound.ascendFor(cloudUsers), cloudUsers)
        const bestMs = bruteForceMs(problem)
        expect(decided.isFeasible).toBe(true)
        expect(keepsGoal(problem, decided.decision)).toBe(true)
        expect(decided.totalMs).toBeGreaterThanOrEqual(bestMs * (1 - 1e-12))
        above += decided.totalMs / bestMs - 1
        found++
      }
    }
    expect(above / found).toBeLessThan(0.03)
  })

  test('from prices that are far off it still meets the goal', () => {
    for (const goalPercent of [80, 85, 89, 89.9]) {
      const problem = sampleProblem({ devices: 60, edges: 3, goalPercent, shape }, new Random(112))
      const dual = new Dual(layOut(problem))
      for (const prices of [
        { accuracyMs: 0, cloudMs: 0 },
        { accuracyMs: 1e-9, cloudMs: 1e6 },
        { accuracyMs: 1e4, cloudMs: -1e4 },
      ]) {
        const decided = findDecision(dual, prices, 2)
        expect(decided.isFeasible).toBe(true)
        expect(keepsGoal(problem, decided.decision)).toBe(true)
        expect(totalMs(problem, decided.decision)).toBeCloseTo(decided.totalMs, 6)
      }
    }
  })
})

test('devices that are all alike do not all do the same', () => {
  // Twenty devices: 100 ms at home; the edge takes 10 ms for each of its users.
  const devices = 20
  const dual = new Dual(
    layOut({
      devices,
      choices: (['end', 'edge'] as const).map((tier) => ({
        placement: { tier, variant: 'd0' },
        accuracyPercent: 90,
      })),
      ownTimesMs: Float64Array.from({ length: 2 * devices }, (_, at) => (at % 2 === 0 ? 100 : 0)),
      edgeOf: new Int32Array(devices),
      edgeCurvesMs: [Float64Array.from({ length: devices }, (_, m) => 10 * (m + 1))],
      cloudCurveMs: new Float64Array(0),
      goalPercent: 90,
    }),
  )
  // 10 m² + 100 (20 - m) is lowest at m = 5.
  const decided = findDecision(dual, { accuracyMs: 0, cloudMs: 0 }, 0)
  expect(decided.edgeUsers[0]).toBe(5)
  expect(decided.totalMs).toBe(1750)
})

test('where no decision has room it says so', () => {
  const dual = new Dual(
    layOut({
      devices: 2,
      choices: (['edge', 'cloud'] as const).map((tier) => ({
        placement: { tier, variant: 'd0' },
        accuracyPercent: 90,
      })),
      ownTimesMs: new Float64Array(4).fill(Number.POSITIVE_INFINITY).with(0, 1).with(2, 1),
      edgeOf: new Int32Array(2),
      edgeCurvesMs: [Float64Array.of(10)],
      cloudCurveMs: Float64Array.of(10),
      goalPercent: 80,
    }),
  )
  expect(findDecision(dual, { accuracyMs: 0, cloudMs: 0 }, 0).isFeasible).toBe(false)
})
