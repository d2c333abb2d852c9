import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { plan } from './plan.ts'
import { responseTimesOf } from './response-times.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

test('by hand: alone on the device, two at one edge, one at the other, one in the cloud', () => {
  const problem = {
    devices: 5,
    choices: (['end', 'edge', 'cloud'] as const).map((tier) => ({
      placement: { tier, variant: 'd0' },
      accuracyPercent: 90,
    })),
    ownTimesMs: Float64Array.from({ length: 15 }, (_, at) => at),
    edgeOf: Int32Array.from([0, 0, 0, 1, 1]),
    edgeCurvesMs: [Float64Array.from([100, 200]), Float64Array.from([300])],
    cloudCurveMs: Float64Array.from([1000]),
    goalPercent: 0,
  }
  expect([...responseTimesOf(problem, [0, 1, 1, 1, 2])]).toEqual([0, 204, 207, 310, 1014])
  // A third at the first edge is more than it may have.
  expect(responseTimesOf(problem, [1, 1, 1, 0, 0])[0]).toBeNaN()
})

test.each(SAMPLE_SHAPES)('%s: they add up to what the plan says', (shape) => {
  const options = { devices: 80, edges: 4, goalPercent: 85, shape }
  const problem = sampleProblem(options, new Random(6))
  const { decision, totalResponseTimeMs } = plan(problem)
  const sum = responseTimesOf(problem, decision).reduce((total, ms) => total + ms, 0)
  expect(sum).toBeCloseTo(totalResponseTimeMs, 6)
})
