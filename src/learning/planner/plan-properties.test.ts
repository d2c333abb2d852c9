/** What must hold of every plan, whatever the fleet: each against the plan of a problem that is changed in one thing. */
import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { plan } from './plan.ts'
import type { PlanningProblem } from './problem.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

const SEEDS = [121, 122, 123]

function problemsOf(shape: (typeof SAMPLE_SHAPES)[number], goalPercent = 85): PlanningProblem[] {
  return SEEDS.map((seed) =>
    sampleProblem({ devices: 12, edges: 2, goalPercent, shape }, new Random(seed)),
  )
}

function totalOf(problem: PlanningProblem): number {
  const { totalResponseTimeMs, proven } = plan(problem)
  expect(proven).toBe(true)
  return totalResponseTimeMs
}

/** The devices in another order: new device i is old device order[i]. */
function reordered(problem: PlanningProblem, order: readonly number[]): PlanningProblem {
  const size = problem.choices.length
  const rows = order.flatMap((device) => [
    ...problem.ownTimesMs.subarray(device * size, (device + 1) * size),
  ])
  return {
    ...problem,
    ownTimesMs: Float64Array.from(rows),
    edgeOf: Int32Array.from(order, (device) => problem.edgeOf[device]),
  }
}

describe.each(SAMPLE_SHAPES)('%s, all of it changed', (shape) => {
  test('a higher goal is never faster', () => {
    for (const problem of problemsOf(shape)) {
      const totals = [0, 75, 80, 82.5, 85, 88, 89, 89.9].map((goalPercent) =>
        totalOf({ ...problem, goalPercent }),
      )
      for (const [index, totalMs] of totals.entries()) {
        expect(totalMs).toBeGreaterThanOrEqual((totals[index - 1] ?? 0) * (1 - 1e-9))
      }
    }
  })

  test('the order of devices, of edges and of choices does not matter', () => {
    for (const problem of problemsOf(shape)) {
      const totalMs = totalOf(problem)
      const order = Array.from({ length: problem.devices }, (_, device) => (device * 5) % 12)
      expect(totalOf(reordered(problem, order)) / totalMs).toBeCloseTo(1, 9)
      const edgesSwapped = {
        ...problem,
        edgeOf: problem.edgeOf.map((edge) => 1 - edge),
        edgeCurvesMs: problem.edgeCurvesMs.toReversed(),
      }
      expect(totalOf(edgesSwapped) / totalMs).toBeCloseTo(1, 9)
      const size = problem.choices.length
      const choicesReversed = {
        ...problem,
        choices: problem.choices.toReversed(),
        ownTimesMs: problem.ownTimesMs.map((_, at) => {
          const device = Math.floor(at / size)
          return problem.ownTimesMs[device * size + size - 1 - (at % size)]
        }),
      }
      expect(totalOf(choicesReversed) / totalMs).toBeCloseTo(1, 9)
    }
  })

  test('twice the time everywhere is twice the total, and the same gap', () => {
    for (const problem of problemsOf(shape)) {
      const doubled = {
        ...problem,
        ownTimesMs: problem.ownTimesMs.map((ms) => 2 * ms),
        edgeCurvesMs: problem.edgeCurvesMs.map((curve) => curve.map((ms) => 2 * ms)),
        cloudCurveMs: problem.cloudCurveMs.map((ms) => 2 * ms),
      }
      expect(totalOf(doubled) / totalOf(problem)).toBeCloseTo(2, 9)
    }
  })
})

describe.each(SAMPLE_SHAPES)('%s, one device or node changed', (shape) => {
  test('a time added to all choices of a device is added to the total, also below zero', () => {
    for (const problem of problemsOf(shape)) {
      const size = problem.choices.length
      for (const addedMs of [500, -5000]) {
        const ownTimesMs = problem.ownTimesMs.map((ms, at) => (at < size ? ms + addedMs : ms))
        expect(totalOf({ ...problem, ownTimesMs })).toBeCloseTo(totalOf(problem) + addedMs, 4)
      }
    }
  })

  test('fewer open choices are never faster, and what is closed is not used', () => {
    for (const problem of problemsOf(shape)) {
      const { decision, totalResponseTimeMs } = plan(problem)
      const size = problem.choices.length
      const device = decision.findIndex(
        (choice) => problem.choices[choice]?.placement.tier === 'end',
      )
      const closed = decision[device]
      const ownTimesMs = problem.ownTimesMs.with(device * size + closed, Number.POSITIVE_INFINITY)
      const without = plan({ ...problem, ownTimesMs })
      expect(without.decision[device]).not.toBe(closed)
      expect(without.totalResponseTimeMs).toBeGreaterThanOrEqual(totalResponseTimeMs * (1 - 1e-9))
    }
  })

  test('a dearer node is never faster, and a node that is too dear is left', () => {
    for (const problem of problemsOf(shape)) {
      const dearer = (factor: number) => ({
        ...problem,
        cloudCurveMs: problem.cloudCurveMs.map((ms) => ms * factor),
      })
      const totals = [1, 1.5, 4, 1000].map((factor) => totalOf(dearer(factor)))
      expect(totals).toEqual(totals.toSorted((one, other) => one - other))
      const used = plan(dearer(1000)).decision.map(
        (choice) => problem.choices[choice]?.placement.tier,
      )
      expect(used).not.toContain('cloud')
    }
  })
})
