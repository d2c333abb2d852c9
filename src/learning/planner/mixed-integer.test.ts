import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { solveByHighs } from './mixed-integer.fixture.ts'
import { plan } from './plan.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

// `npm run bench -- planner-exact` compares hundreds of larger ones.
test.each(SAMPLE_SHAPES)('%s: an independent solver finds nothing better', (shape) => {
  for (const goalPercent of [0, 85, 89]) {
    const problem = sampleProblem({ devices: 12, edges: 2, goalPercent, shape }, new Random(101))
    const planned = plan(problem)
    expect(planned.proven).toBe(true)
    expect(planned.totalResponseTimeMs / (solveByHighs(problem, 20) ?? 0)).toBeCloseTo(1, 7)
  }
})

test.each(SAMPLE_SHAPES)('%s: nor with loads that are a fraction of a user', (shape) => {
  for (const goalPercent of [85, 89]) {
    const options = { devices: 6, edges: 2, goalPercent, shape, cascades: true }
    const problem = sampleProblem(options, new Random(102))
    const planned = plan(problem)
    expect(planned.proven).toBe(true)
    expect(planned.totalResponseTimeMs / (solveByHighs(problem, 20) ?? 0)).toBeCloseTo(1, 7)
  }
})
