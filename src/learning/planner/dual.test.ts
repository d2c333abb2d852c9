import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { bruteForceMs } from './brute-force.fixture.ts'
import { Dual, sortDescending } from './dual.ts'
import { layOut } from './lay-out.ts'
import type { PlanningProblem } from './problem.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

/** Three devices, one edge; end/d0 with 90 %, end/d1 with 80 %, edge and cloud with 90 %. */
const small: PlanningProblem = {
  devices: 3,
  choices: [
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 90 },
    { placement: { tier: 'end', variant: 'd1' }, accuracyPercent: 80 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 90 },
    { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 90 },
  ],
  ownTimesMs: Float64Array.from([400, 50, 10, 60, 300, 40, 20, 70, 200, 30, 30, 80]),
  edgeOf: Int32Array.from([0, 0, 0]),
  edgeCurvesMs: [Float64Array.from([100, 60, 200])],
  cloudCurveMs: Float64Array.from([150, 155, 160]),
  goalPercent: 85,
}

test('R by hand', () => {
  const dual = new Dual(layOut(small))
  // λ = 0.2 a hundredth: d1 costs 1000 · 0.2 more. Local 250, 240, 200; cloud at μ = 150: 210, 220, 230.
  // Outside 210, 220, 200; gains of the edge 200, 200, 170; totals of the edge 100, 120, 600.
  // Best with two: 120 - 400. R = 630 - 280 - 0.2 · 1500.
  dual.evaluate(0.2, 150)
  expect(dual.value).toBe(50)
  expect([...dual.usesEdge]).toEqual([1, 1, 0])
  // The third device loses nothing at 200: all 1500 hundredths are left.
  expect(dual.accuracySlope).toBe(-1500)
  expect(dual.cloudUsers).toBe(0)
  // At μ = -200 everybody is in the cloud, and no gain is worth an edge.
  dual.evaluate(0.2, -200)
  expect(dual.cloudUsers).toBe(3)
  expect(dual.value).toBe(60 + 70 + 80 - 600 - 300)
})

test('of devices that gain alike, only as many use the edge as are worth it', () => {
  const ownTimesMs = Float64Array.from([1, 2, 3].flatMap(() => [400, 50, 10, 900]))
  const dual = new Dual(layOut({ ...small, ownTimesMs }))
  dual.evaluate(1, 0)
  expect([...dual.usesEdge]).toEqual([1, 1, 0])
})

describe('a relaxation', () => {
  test.each(
    SAMPLE_SHAPES.flatMap((shape) => [
      { shape, cascades: false },
      { shape, cascades: true },
    ]),
  )('$shape, fractions $cascades: nowhere above the optimum, and concave', (options) => {
    for (let seed = 1; seed < 12; seed++) {
      const random = new Random(seed)
      const size = { devices: options.cascades ? 2 : 3, edges: 2, goalPercent: 85 }
      const problem = sampleProblem({ ...size, ...options }, random)
      const bestMs = bruteForceMs(problem)
      const instance = layOut(problem)
      const dual = new Dual(instance)
      const points = Array.from({ length: 12 }, () => {
        const [accuracyMs, cloudMs] = [2 * random.uniform(), 800 * random.uniform()]
        dual.evaluate(accuracyMs, cloudMs)
        const { value, accuracySlope, cloudUsers } = dual
        return { accuracyMs, cloudMs, value, accuracySlope, cloudUsers }
      })
      for (const { cloudMs, value } of points) {
        const bounds = instance.cloudTotals.map((total, users) => value - cloudMs * users + total)
        expect(Math.min(...bounds)).toBeLessThanOrEqual(bestMs * (1 + 1e-12))
      }
      for (const one of points) {
        for (const other of points) {
          const plane =
            one.value +
            one.accuracySlope * (other.accuracyMs - one.accuracyMs) +
            one.cloudUsers * (other.cloudMs - one.cloudMs)
          expect(other.value).toBeLessThanOrEqual(plane + 1e-6)
        }
      }
    }
  })
})

test.each([3, 47, 48, 49, 300])('%i values are sorted, highest first', (count) => {
  const random = new Random(count)
  const values = Float64Array.from(
    { length: count + 4 },
    () => Math.round(20 * random.normal()) + 0,
  )
  const sorted = new Float64Array(count)
  sortDescending(values, 2, count + 2, sorted)
  expect([...sorted]).toEqual([...values.slice(2, count + 2)].sort((one, other) => other - one))
})
