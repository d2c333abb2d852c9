/** What an owner who knows the fleet would set for good, if all devices had to do the same. */
import { accuraciesOf, meetsGoal } from '../../../src/fleet/goal.ts'
import { formatPlacement } from '../../../src/fleet/placement.ts'
import type { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'

/** In settings it stands for the agent `fixed:<placement>` that is the best in the fleet. */
export const BEST_FIXED = 'best fixed'

/** Of the choices that meet the goal where everybody makes them, the truly quickest. @returns the agent: `fixed:edge/heron` */
export function bestFixed(fleet: SimulatedEnvironment): string {
  const { devices } = fleet.problem
  const { choices, goalPercent } = fleet.planningProblem()
  const strategies = choices.flatMap(({ placement }, choice) => {
    const decision = new Array<number>(devices).fill(choice)
    if (!meetsGoal(accuraciesOf(decision, choices), goalPercent)) return []
    return [{ placement, responseTimeMs: fleet.expectedResponseTimeMs(decision) }]
  })
  const [best] = strategies.toSorted((one, other) => one.responseTimeMs - other.responseTimeMs)
  if (best === undefined) throw new Error(`no choice by itself meets ${goalPercent} %`)
  return `fixed:${formatPlacement(best.placement)}`
}
