import { loadedTier } from '../../fleet/choice.ts'
import type { Decision } from '../environment/environment.ts'
import { curveAt, shareOf, surchargeMs, unitsOf, unitsPerUser } from './load.ts'
import type { PlanningProblem } from './problem.ts'

/**
 * What a problem says every device's response time is on average, ms. Shape [devices]; `NaN` where a node has more users than it may.
 * Their sum is what the planner minimises.
 */
export function responseTimesOf(problem: PlanningProblem, decision: Decision): Float64Array {
  const { choices, edgeOf, edgeCurvesMs, cloudCurveMs, ownTimesMs } = problem
  const perUser = unitsPerUser(problem)
  const edgeUnits = new Int32Array(edgeCurvesMs.length)
  let cloudUnits = 0
  const tierOf = (choice: number) => choices[choice] && loadedTier(choices[choice])
  const unitsAt = (device: number, choice: number) =>
    unitsOf(shareOf(problem, device, choice), perUser)
  for (const [device, choice] of decision.entries()) {
    const tier = tierOf(choice)
    if (tier === 'cloud') cloudUnits += unitsAt(device, choice)
    else if (tier === 'edge') edgeUnits[edgeOf[device]] += unitsAt(device, choice)
  }
  const sharedMs = (device: number, choice: number): number => {
    const tier = tierOf(choice)
    if (tier !== 'edge' && tier !== 'cloud') return 0
    const edge = edgeOf[device]
    const curveMs = tier === 'cloud' ? cloudCurveMs : edgeCurvesMs[edge]
    const nodeMs = curveAt(curveMs, tier === 'cloud' ? cloudUnits : edgeUnits[edge], perUser)
    const share = shareOf(problem, device, choice)
    const part = unitsOf(share, perUser) / perUser
    return part * nodeMs + surchargeMs(curveMs, share, perUser)
  }
  return Float64Array.from(decision, (choice, device) => {
    const ownMs = ownTimesMs[device * choices.length + choice]
    return ownMs + sharedMs(device, choice)
  })
}
