/** The best decision there is, exactly. */
import { ConfigError } from '../../../src/errors.ts'
import { accuraciesOf, meetsGoal } from '../../../src/fleet/goal.ts'
import type { Decision } from '../../../src/learning/environment/environment.ts'
import { plan } from '../../../src/learning/planner/plan.ts'
import type { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'

export interface Optimum {
  readonly decision: Decision
  /** Noise-free average over the devices. */
  readonly responseTimeMs: number
}

/** Joint decisions of which it is no great work to try all. */
const MOST_TRIED = 1e6

/** @throws ConfigError where what was planned is not proven to be the best */
export function plannedOptimum(fleet: SimulatedEnvironment): Optimum {
  const { decision, responseTimeMs, proven } = plan(fleet.planningProblem())
  if (proven) return { decision, responseTimeMs }
  throw new ConfigError(
    'the best decision of this fleet is not proven: draw another, or fewer users',
  )
}

/** Tries all decisions: for fleets that interact. @throws ConfigError for more than a million of them */
export function triedOptimum(fleet: SimulatedEnvironment): Optimum {
  const { devices } = fleet.problem
  const { choices, goalPercent } = fleet.planningProblem()
  const count = choices.length ** devices
  if (count > MOST_TRIED) {
    throw new ConfigError(`${count} joint decisions are too many to try all: take fewer users`)
  }
  const decision = new Array<number>(devices).fill(0)
  let best: Optimum = { decision, responseTimeMs: Number.POSITIVE_INFINITY }
  for (let index = 0; index < count; index++) {
    let rest = index
    for (let device = 0; device < devices; device++) {
      decision[device] = rest % choices.length
      rest = Math.floor(rest / choices.length)
    }
    if (!meetsGoal(accuraciesOf(decision, choices), goalPercent)) continue
    const responseTimeMs = fleet.expectedResponseTimeMs(decision)
    if (responseTimeMs < best.responseTimeMs) best = { decision: [...decision], responseTimeMs }
  }
  return best
}
