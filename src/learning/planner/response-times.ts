import type { Decision } from '../environment/environment.ts'
import type { PlanningProblem } from './problem.ts'

/** What a problem says every device's response time is, ms. Shape [devices]; `NaN` where a node has more users than it may. */
export function responseTimesOf(problem: PlanningProblem, decision: Decision): Float64Array {
  const { choices, edgeOf, edgeCurvesMs, cloudCurveMs, ownTimesMs } = problem
  const tierOf = (choice: number) => choices[choice]?.placement.tier
  const edgeUsers = new Int32Array(edgeCurvesMs.length)
  let cloudUsers = 0
  for (const [device, choice] of decision.entries()) {
    const edge = edgeOf[device]
    if (tierOf(choice) === 'cloud') cloudUsers++
    else if (tierOf(choice) === 'edge') edgeUsers[edge] = edgeUsers[edge] + 1
  }
  const curveMs = (device: number, choice: number): number => {
    if (tierOf(choice) === 'end') return 0
    if (tierOf(choice) === 'cloud') return cloudCurveMs[cloudUsers - 1] ?? Number.NaN
    const edge = edgeOf[device]
    return edgeCurvesMs[edge]?.[edgeUsers[edge] - 1] ?? Number.NaN
  }
  return Float64Array.from(decision, (choice, device) => {
    const ownMs = ownTimesMs[device * choices.length + choice]
    return ownMs + curveMs(device, choice)
  })
}
