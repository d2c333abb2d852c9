import { describe, expect, test } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { bruteForceMs, keepsGoal, totalMs } from './brute-force.fixture.ts'
import { plan } from './plan.ts'
import type { PlanningProblem } from './problem.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

const GOALS = [0, 80, 85, 89, 89.9]

/** Two devices on one edge; d0 (90 %) and d1 (80 %) at the device, d0 at the edge and in the cloud. */
const small: PlanningProblem = {
  devices: 2,
  choices: [
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 90 },
    { placement: { tier: 'end', variant: 'd1' }, accuracyPercent: 80 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 90 },
    { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 90 },
  ],
  ownTimesMs: Float64Array.from([400, 50, 10, 60, 300, 40, 20, 70]),
  edgeOf: Int32Array.from([0, 0]),
  edgeCurvesMs: [Float64Array.from([100, 180])],
  cloudCurveMs: Float64Array.from([150, 155]),
  goalPercent: 85,
}

describe('by hand', () => {
  test('one device pays the accuracy with the edge, the other takes the fast variant', () => {
    const planned = plan(small)
    // 10 + 100 at the edge and 40 at the device, against 50 and 20 + 100.
    expect(planned.decision).toEqual([2, 1])
    expect(planned.totalResponseTimeMs).toBe(150)
    expect(planned).toMatchObject({ responseTimeMs: 75, accuracyPercent: 85, lowerBoundMs: 75 })
    expect(planned).toMatchObject({ gap: 0, proven: true, capped: false })
  })

  test('where nothing takes any time there is no gap', () => {
    const nothing = {
      ownTimesMs: new Float64Array(8),
      edgeCurvesMs: [new Float64Array(2)],
      cloudCurveMs: new Float64Array(2),
    }
    const planned = plan({ ...small, ...nothing })
    expect(planned).toMatchObject({ responseTimeMs: 0, lowerBoundMs: 0, gap: 0, proven: true })
  })

  test.each([1e300, 2e9, -1e300, NaN])('%f ms is no time', (ms) => {
    const ownTimesMs = small.ownTimesMs.with(3, ms)
    expect(() => plan({ ...small, ownTimesMs })).toThrow(
      /ownTimesMs\[0, 3\] is .*give a time in ms/,
    )
    const cloudCurveMs = Float64Array.of(150, ms)
    expect(() => plan({ ...small, cloudCurveMs })).toThrow(
      /cloudCurveMs\[1\] is .*give a time in ms/,
    )
  })

  test('without a goal both take the fast variant', () => {
    expect(plan({ ...small, goalPercent: 0 }).decision).toEqual([1, 1])
  })

  test('at full accuracy one goes to the edge, the other to the cloud', () => {
    // 110 + 220 or 210 + 120 = 330; both at the edge 190 + 200 = 390; both in the cloud 215 + 225.
    expect(plan({ ...small, goalPercent: 90 }).totalResponseTimeMs).toBe(330)
  })

  test('a goal a hair above what a decision has excludes it', () => {
    expect(plan({ ...small, goalPercent: 85.01 }).accuracyPercent).toBe(90)
  })

  test('a closed tier is not used', () => {
    const closed = { ...small, goalPercent: 90, edgeCurvesMs: [new Float64Array(0)] }
    // 210 + 220 alone; two share the cloud at 155: 215 + 225 = 440; 300 on the device is worse.
    expect(plan(closed).totalResponseTimeMs).toBe(440)
    const infinite = small.ownTimesMs.map((ms, at) =>
      at % 4 === 2 ? Number.POSITIVE_INFINITY : ms,
    )
    expect(plan({ ...small, goalPercent: 90, ownTimesMs: infinite }).decision).toEqual([3, 3])
  })

  test('a bonus, which is a negative time, draws the device', () => {
    const ownTimesMs = small.ownTimesMs.slice()
    ownTimesMs[3] = -30_000
    const planned = plan({ ...small, ownTimesMs })
    expect(planned.decision).toEqual([3, 1])
    expect(planned.totalResponseTimeMs).toBe(-30_000 + 150 + 40)
    expect(planned.gap).toBe(0)
  })

  test('a node may serve less than ask for it', () => {
    const narrow = { ...small, goalPercent: 90, cloudCurveMs: Float64Array.of(1) }
    narrow.edgeCurvesMs = [Float64Array.of(1)]
    // One each: 60 + 1 and 20 + 1, or 10 + 1 and 70 + 1.
    expect(plan(narrow).totalResponseTimeMs).toBe(82)
  })
})

describe('against every joint decision', () => {
  test.each(SAMPLE_SHAPES)('%s: no mismatch, no bound above, no goal missed', (shape) => {
    let checked = 0
    for (let seed = 101; seed < 128; seed++) {
      for (const goalPercent of GOALS) {
        const random = new Random(seed)
        // Brute force of more devices takes seconds: five of them once a goal.
        const most = shape === 'odd' || seed > 101 ? 3 : 5
        const devices = seed === 101 ? most : 2 + random.integer(most - 1)
        const edges = 1 + random.integer(2)
        const problem = sampleProblem({ devices, edges, goalPercent, shape }, random)
        const bestMs = bruteForceMs(problem)
        if (bestMs === Number.POSITIVE_INFINITY) {
          expect(() => plan(problem)).toThrow(ConfigError)
          continue
        }
        const exact = plan(problem)
        const quick = plan(problem, { mostLabels: 0 })
        for (const planned of [exact, quick]) {
          const { decision, totalResponseTimeMs } = planned
          expect(keepsGoal(problem, decision)).toBe(true)
          expect(totalMs(problem, decision)).toBeCloseTo(totalResponseTimeMs, 6)
          expect(planned.lowerBoundMs * devices).toBeLessThanOrEqual(bestMs * (1 + 1e-9))
          expect(totalResponseTimeMs).toBeGreaterThanOrEqual(bestMs * (1 - 1e-9))
        }
        expect(exact.totalResponseTimeMs).toBeLessThanOrEqual(bestMs * (1 + 1e-9))
        expect(exact).toMatchObject({ proven: true, capped: false, gap: 0 })
        checked++
      }
    }
    expect(checked).toBeGreaterThan(125)
  })
})

describe('large fleets', () => {
  test.each(SAMPLE_SHAPES)('%s: the goal holds and the gap is what it says', (shape) => {
    const gaps = GOALS.map((goalPercent) => {
      const options = { devices: 1000, edges: 40, goalPercent, shape }
      const problem = sampleProblem(options, new Random(101))
      const planned = plan(problem)
      const ms = totalMs(problem, planned.decision)
      expect(keepsGoal(problem, planned.decision)).toBe(true)
      expect(planned.totalResponseTimeMs).toBeCloseTo(ms, 4)
      expect(planned.gap).toBeCloseTo((ms - 1000 * planned.lowerBoundMs) / ms, 9)
      return planned.gap
    })
    // 0.1 % at the median.
    expect(gaps.toSorted((one, other) => one - other)[2]).toBeLessThan(1e-3)
  })

  test('prices of a similar problem change the effort, not the certificate', () => {
    const options = { devices: 300, edges: 12, goalPercent: 85, shape: 'heterogeneous' as const }
    const problem = sampleProblem(options, new Random(102))
    const cold = plan(problem)
    const random = new Random(1)
    const ownTimesMs = problem.ownTimesMs.map((ms) => ms * (1 + 0.01 * random.normal()))
    for (const prices of [cold.prices, { accuracyMs: 1e-3, cloudMs: 1e5 }]) {
      const changed = { ...problem, ownTimesMs }
      const warm = plan(changed, { prices })
      expect(warm.lowerBoundMs).toBeCloseTo(plan(changed).lowerBoundMs, 2)
      expect(warm.gap).toBeLessThan(2e-3)
    }
  })
})

test('the same problem gives the same plan', () => {
  const options = { devices: 60, edges: 3, goalPercent: 85, shape: 'jagged' as const }
  const problem = sampleProblem(options, new Random(103))
  expect(plan(problem)).toEqual(plan(problem))
})

test('a search that may make few labels says that it gave up, and the bound still holds', () => {
  const options = { devices: 20, edges: 1, goalPercent: 85, shape: 'heterogeneous' as const }
  const problem = sampleProblem(options, new Random(104))
  const proven = plan(problem)
  const capped = plan(problem, { mostLabels: 5 })
  expect(proven).toMatchObject({ proven: true, capped: false })
  expect(capped).toMatchObject({ proven: false, capped: true })
  expect(capped.lowerBoundMs).toBeLessThanOrEqual(proven.responseTimeMs)
  expect(capped.totalResponseTimeMs).toBeGreaterThanOrEqual(proven.totalResponseTimeMs)
  expect(capped.gap).toBeGreaterThan(0)
})

describe('bad input', () => {
  const refused: readonly (readonly [string, Partial<PlanningProblem>, string])[] = [
    ['no device', { devices: 0 }, 'devices is 0: give at least 1'],
    ['no choice', { choices: [] }, 'choices is empty'],
    ['too few times', { ownTimesMs: new Float64Array(7) }, 'devices × choices = 8'],
    ['too few edges', { edgeOf: Int32Array.of(0) }, 'edgeOf is 1 long: give devices = 2'],
    ['an edge that is not', { edgeOf: Int32Array.of(0, 1) }, 'edgeOf[1] is 1'],
    [
      'a time that is none',
      { ownTimesMs: small.ownTimesMs.with(5, Number.NaN) },
      'ownTimesMs[1, 1]',
    ],
    ['a curve that is none', { cloudCurveMs: Float64Array.of(1, Infinity) }, 'cloudCurveMs[1]'],
    ['a goal that is none', { goalPercent: Number.NaN }, 'goalPercent is NaN'],
  ]
  test.each(refused)('%s', (_, change, message) => {
    const planning = () => plan({ ...small, ...change })
    expect(planning).toThrow(InvalidInputError)
    expect(planning).toThrow(message)
  })

  test.each([
    [{ prices: { accuracyMs: Number.NaN, cloudMs: 1 } }, 'prices.accuracyMs is NaN'],
    [{ prices: { accuracyMs: 1, cloudMs: Infinity } }, 'prices.cloudMs is Infinity'],
    [{ mostLabels: -1 }, 'mostLabels is -1: give a whole number from 0'],
    [{ mostLabels: 0.5 }, 'mostLabels is 0.5'],
  ])('%j', (options, message) => {
    expect(() => plan(small, options)).toThrow(InvalidInputError)
    expect(() => plan(small, options)).toThrow(message)
  })

  test.each([91, 90.0001])(
    '%s, a goal beyond every choice, names the highest that can be met',
    (goalPercent) => {
      const planning = () => plan({ ...small, goalPercent })
      expect(planning).toThrow(ConfigError)
      expect(planning).toThrow(`the goal of ${goalPercent} %: set a goal of at most 90 %`)
    },
  )

  test('a device that may do nothing is named', () => {
    const ownTimesMs = small.ownTimesMs.map((ms, at) => (at < 4 ? Number.POSITIVE_INFINITY : ms))
    expect(() => plan({ ...small, ownTimesMs })).toThrow('device 0 has no open choice')
  })

  test('nodes without room for the goal are told from a goal too high', () => {
    const ownTimesMs = small.ownTimesMs.map((ms, at) =>
      at % 4 === 0 ? Number.POSITIVE_INFINITY : ms,
    )
    const problem = { ...small, ownTimesMs, goalPercent: 90 }
    const narrow = {
      ...problem,
      edgeCurvesMs: [Float64Array.of(100)],
      cloudCurveMs: new Float64Array(0),
    }
    expect(() => plan(narrow)).toThrow('with the room the nodes have')
  })
})
