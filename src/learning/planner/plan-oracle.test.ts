/** The planner against the oracle's exact search, which shares none of its code: fleets too large to try every decision. */
import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { bestDecision, type Profile, predictProfile } from '../agents/baselines/oracle.ts'
import { openToAll } from '../environment/availability.fixture.ts'
import { allAvailable } from '../environment/availability.ts'
import { plan } from './plan.ts'
import type { PlanningProblem } from './problem.ts'
import { responseTimesOf } from './response-times.ts'
import { sampleProblem } from './sample-problems.fixture.ts'

/** The same response times as the oracle takes them: by placement, device and load. */
function profileOf(problem: PlanningProblem): Profile {
  const { devices, choices, ownTimesMs, edgeOf, edgeCurvesMs, cloudCurveMs } = problem
  const responseTimesMs: Record<string, number[][]> = {}
  for (const [choice, { placement }] of choices.entries()) {
    const { tier, variant } = placement
    responseTimesMs[`${tier}/${variant}`] = Array.from({ length: devices }, (_, device) => {
      const ownMs = ownTimesMs[device * choices.length + choice]
      if (tier === 'end') return [ownMs]
      const curve = tier === 'cloud' ? cloudCurveMs : edgeCurvesMs[edgeOf[device]]
      // More users than an edge has devices never meet there.
      return Array.from({ length: devices }, (_, users) => ownMs + (curve?.[users] ?? 1e9))
    })
  }
  return { responseTimesMs, edgeOf: [...edgeOf] }
}

const shapes = ['heterogeneous', 'identical', 'jagged'] as const

describe.each(shapes)('%s', (shape) => {
  test('the same total for six to eight devices', () => {
    for (let seed = 131; seed < 135; seed++) {
      for (const goalPercent of [80, 85, 89]) {
        const random = new Random(seed)
        const size = { devices: 6 + random.integer(3), edges: 1 + random.integer(2) }
        const problem = sampleProblem({ ...size, goalPercent, shape }, random)
        const { devices, choices } = problem
        const profile = profileOf(problem)
        const asked = { devices, choices, stateSize: 0 }
        const oracle = bestDecision(asked, profile, goalPercent, allAvailable(asked))
        const planned = plan(problem)
        expect(planned.responseTimeMs).toBeCloseTo(oracle.responseTimeMs, 6)
        expect(planned.accuracyPercent).toBeGreaterThanOrEqual(goalPercent - 1e-9)
        const predicted = predictProfile(profile, asked, planned.decision)
        for (const [device, ms] of responseTimesOf(problem, planned.decision).entries()) {
          expect(ms).toBeCloseTo(predicted[device] ?? 0, 9)
        }
      }
    }
  })
})

test('a tier that is down is a choice that is closed', () => {
  const options = { devices: 6, edges: 1, goalPercent: 89, shape: 'heterogeneous' as const }
  const problem = sampleProblem(options, new Random(140))
  const { devices, choices } = problem
  for (const down of ['edge', 'cloud'] as const) {
    const asked = { devices, choices, stateSize: 0 }
    const up = choices.map(({ placement }) => placement.tier !== down)
    // The first device alone is left where it is.
    const available = openToAll(asked, up).with(0, allAvailable(asked)[0])
    const oracle = bestDecision(asked, profileOf(problem), 89, available)
    const ownTimesMs = problem.ownTimesMs.map((ms, at) =>
      available.flat()[at] ? ms : Number.POSITIVE_INFINITY,
    )
    expect(plan({ ...problem, ownTimesMs }).responseTimeMs).toBeCloseTo(oracle.responseTimeMs, 6)
  }
})

test('round after round of a fleet that wanders, from the prices of the round before', () => {
  const random = new Random(141)
  const options = { devices: 8, edges: 2, goalPercent: 85, shape: 'jagged' as const }
  let problem = sampleProblem(options, random)
  let { prices } = plan(problem)
  for (let round = 0; round < 60; round++) {
    const wandered = (ms: number) => ms * Math.exp(0.1 * random.normal())
    problem = {
      ...problem,
      ownTimesMs: problem.ownTimesMs.map(wandered),
      edgeCurvesMs: problem.edgeCurvesMs.map((curve) => curve.map(wandered)),
      cloudCurveMs: problem.cloudCurveMs.map(wandered),
      goalPercent: [80, 85, 89][round % 3],
    }
    const warm = plan(problem, { prices })
    expect(warm.proven).toBe(true)
    expect(warm.totalResponseTimeMs).toBeCloseTo(plan(problem).totalResponseTimeMs, 6)
    prices = warm.prices
  }
})
