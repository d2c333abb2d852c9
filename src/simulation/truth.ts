/** The truth of a fleet at one time, for those who judge decisions: a planner, an oracle. */
import { formatPlacement } from '../fleet/placement.ts'
import type { FleetState } from '../fleet/state.ts'
import type { PlanningProblem } from '../learning/planner/problem.ts'
import { nodeOf, perChoice, type World } from './world.ts'

/** Response times by placement and load: what an oracle is given (plain JSON). */
export interface RoundProfile {
  /** By placement (`edge/d0`), ms, shape [devices, loads]: one load at `end`, else 1, 2, … devices on the same node. */
  readonly responseTimesMs: Readonly<Record<string, readonly (readonly number[])[]>>
  /** Shape [devices]. */
  readonly edgeOf: readonly number[]
}

/** @param factorOf how many times longer a node computes than its state says, by its number (see `nodeOf`) */
export function truthOf(
  world: World,
  fleet: FleetState,
  factorOf: (node: number) => number,
  goalPercent: number,
): PlanningProblem {
  const { choices, edgeOf } = world
  const devices = edgeOf.length
  const { computeMs, linkMs, curvesMs } = world.times(fleet)
  const curves = curvesMs.map((curve, index) => {
    const factor = factorOf(devices + index)
    return factor === 1 ? curve : curve.map((ms) => ms * factor)
  })
  return {
    devices,
    choices,
    ownTimesMs: perChoice(world, (device, choice) => {
      const index = device * choices.length + choice
      return computeMs[index] * factorOf(nodeOf(world, device, choice)) + linkMs[index]
    }),
    edgeOf: Int32Array.from(edgeOf),
    edgeCurvesMs: curves.slice(0, -1),
    cloudCurveMs: curves[curves.length - 1],
    goalPercent,
  }
}

/** All response times that decisions can have. @param truth of this world */
export function profileOf(world: World, truth: PlanningProblem): RoundProfile {
  const { devices, choices, ownTimesMs, edgeCurvesMs, cloudCurveMs } = truth
  const curves = [...edgeCurvesMs, cloudCurveMs]
  const timesMs = (device: number, choice: number): number[] => {
    const ownMs = ownTimesMs[device * choices.length + choice]
    const node = nodeOf(world, device, choice)
    if (node < devices) return [ownMs]
    return Array.from({ length: devices }, (_, others) => ownMs + curves[node - devices][others])
  }
  const rows = choices.map(({ placement }, choice) => [
    formatPlacement(placement),
    world.edgeOf.map((_, device) => timesMs(device, choice)),
  ])
  return { responseTimesMs: Object.fromEntries(rows), edgeOf: world.edgeOf }
}
