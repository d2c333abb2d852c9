/** Plans of small fleets with cascades, compared with every decision in turn. Used by tests alone. */
import { Random } from '../../random.ts'
import { bruteForceMs, keepsGoal, totalMs } from './brute-force.fixture.ts'
import { plan } from './plan.ts'
import { responseTimesOf } from './response-times.ts'
import { type SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

/** What is wrong with plans of so many fleets of one device or some; nothing is right. */
export function mismatches(
  shape: (typeof SAMPLE_SHAPES)[number],
  firstSeed: number,
  fleets: number,
  mostDevices: number,
): string[] {
  return Array.from({ length: fleets }, (_, index) => firstSeed + index).flatMap((seed) => {
    const random = new Random(seed)
    const devices = 1 + random.integer(shape === 'odd' ? 3 : mostDevices)
    const edges = 1 + random.integer(Math.min(2, devices))
    const goalPercent = [0, 80, 84, 87, 89][seed % 5] ?? 0
    const problem = sampleProblem({ devices, edges, goalPercent, shape, cascades: true }, random)
    const bestMs = bruteForceMs(problem)
    const planned = plan(problem)
    const { decision, totalResponseTimeMs, proven, lowerBoundMs } = planned
    const sum = responseTimesOf(problem, decision).reduce((total, ms) => total + ms, 0)
    const isEqual = (one: number, other: number) => Math.abs(one - other) < 1e-6
    const wrong = [
      ...(proven ? [] : ['not proven']),
      ...(isEqual(totalResponseTimeMs, bestMs) ? [] : [`${totalResponseTimeMs}, best ${bestMs}`]),
      ...(isEqual(totalMs(problem, decision), totalResponseTimeMs) ? [] : ['wrong total']),
      ...(isEqual(sum, totalResponseTimeMs) ? [] : [`response times add up to ${sum}`]),
      ...(lowerBoundMs * devices <= bestMs + 1e-6 ? [] : ['bound above the best']),
      ...(keepsGoal(problem, decision) ? [] : ['goal missed']),
    ]
    return wrong.length === 0 ? [] : [`${shape} ${seed}: ${wrong.join('; ')}`]
  })
}
