import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Bound } from './bound.ts'
import { bruteForceMs } from './brute-force.fixture.ts'
import { Dual } from './dual.ts'
import { layOut } from './lay-out.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

function highestOnGrid(dual: Dual): number {
  const { cloudTotals } = dual.instance
  let highest = Number.NEGATIVE_INFINITY
  for (let accuracyMs = 0; accuracyMs <= 15; accuracyMs += 0.25) {
    for (let cloudMs = 50; cloudMs <= 1200; cloudMs += 25) {
      dual.evaluate(accuracyMs, cloudMs)
      const bounds = cloudTotals.map((total, users) => dual.value - cloudMs * users + total)
      highest = Math.max(highest, Math.min(...bounds))
    }
  }
  return highest
}

describe('the best prices', () => {
  test.each(SAMPLE_SHAPES)(
    '%s: no grid finds a higher bound, and none is above the optimum',
    (shape) => {
      for (let seed = 1; seed < 6; seed++) {
        const options = { devices: 4, edges: 2, goalPercent: 85, shape }
        const problem = sampleProblem(
          { ...options, devices: shape === 'odd' ? 3 : 4 },
          new Random(seed),
        )
        const dual = new Dual(layOut(problem))
        const bound = new Bound(dual)
        bound.ascend()
        const { lowestMs } = bound.lowest
        expect(lowestMs).toBeGreaterThanOrEqual(highestOnGrid(dual) * (1 - 1e-5))
        expect(lowestMs).toBeLessThanOrEqual(bruteForceMs(problem) * (1 + 1e-12))
      }
    },
  )

  test('are found again from nearby ones, and from ones that are far off', () => {
    const options = { devices: 200, edges: 8, goalPercent: 85, shape: 'heterogeneous' as const }
    const dual = new Dual(layOut(sampleProblem(options, new Random(7))))
    const cold = new Bound(dual)
    const prices = cold.ascend()
    for (const factor of [1, 1.04, 30]) {
      const warm = new Bound(dual)
      warm.ascend({ accuracyMs: prices.accuracyMs * factor, cloudMs: prices.cloudMs * factor })
      expect(warm.lowest.lowestMs / cold.lowest.lowestMs).toBeCloseTo(1, 5)
    }
  })
})

describe('a number of cloud users of its own', () => {
  const options = { devices: 40, edges: 2, goalPercent: 85, shape: 'jagged' as const }
  const bound = new Bound(new Dual(layOut(sampleProblem(options, new Random(3)))))
  bound.ascend()

  test('prices for it never lower a bound', () => {
    let before = bound.lowest
    for (let round = 0; round < 10; round++) {
      bound.ascendFor(before.cloudUsers)
      const after = bound.lowest
      expect(after.lowestMs).toBeGreaterThanOrEqual(before.lowestMs)
      before = after
    }
  })

  test('a settled one is left out, until none is left', () => {
    let settled = 0
    for (let last = 0; bound.lowest.lowestMs < Number.POSITIVE_INFINITY; settled++) {
      const { lowestMs, cloudUsers } = bound.lowest
      expect(lowestMs).toBeGreaterThanOrEqual(last)
      last = lowestMs
      bound.settle(cloudUsers)
    }
    expect(settled).toBe(41)
  })
})

test('without a cloud there is one number of users', () => {
  const options = { devices: 30, edges: 2, goalPercent: 85, shape: 'heterogeneous' as const }
  const problem = sampleProblem(options, new Random(4))
  const bound = new Bound(new Dual(layOut({ ...problem, cloudCurveMs: new Float64Array(0) })))
  expect(bound.ascend().cloudMs).toBe(0)
  expect(bound.lowest.cloudUsers).toBe(0)
})
