/** The naive oracle: every joint decision in turn, its cost added up from the definition. */
import { accuraciesOf, meetsGoal } from '../../fleet/goal.ts'
import type { PlanningProblem } from './problem.ts'

/** @returns the lowest total response time that meets the goal, ms; infinity if none does */
export function bruteForceMs(problem: PlanningProblem): number {
  const { devices, choices } = problem
  const decision = new Array<number>(devices).fill(0)
  let bestMs = Infinity
  for (;;) {
    if (keepsGoal(problem, decision)) bestMs = Math.min(bestMs, totalMs(problem, decision))
    let device = 0
    while (device < devices && decision[device] === choices.length - 1) decision[device++] = 0
    if (device === devices) return bestMs
    decision[device] = decision[device] + 1
  }
}

export function keepsGoal(
  { choices, goalPercent }: PlanningProblem,
  decision: readonly number[],
): boolean {
  return meetsGoal(accuraciesOf(decision, choices), goalPercent)
}

/**
 * Infinity where a choice is closed or a node has too many users. Who sends a share p of its requests to a node that carries W users
 * takes p · g(W) there, and p · g(1) - p · g(p) more: alone it takes p · g(1).
 */
export function totalMs(problem: PlanningProblem, decision: readonly number[]): number {
  const users = new Map<Float64Array, number>()
  let sum = 0
  for (const [device, index] of decision.entries()) {
    sum += problem.ownTimesMs[device * problem.choices.length + index]
    const used = usedBy(problem, device, index)
    if (!used) continue
    const { curve, share } = used
    users.set(curve, (users.get(curve) ?? 0) + share)
    if (curve.length === 0) return Infinity
    sum += beyondMs(curve, share)
  }
  for (const [curve, load] of users) sum += load * timeMs(curve, Math.round(20 * load) / 20)
  return sum
}

/** The node that a choice of a device uses, and for how many of its requests; undefined: none. */
export function usedBy(
  { choices, loads, edgeOf, edgeCurvesMs, cloudCurveMs }: PlanningProblem,
  device: number,
  index: number,
): { readonly curve: Float64Array; readonly share: number } | undefined {
  const choice = choices[index]
  const tier = (choice?.escalation?.to ?? choice?.placement)?.tier
  if (tier === 'end') return undefined
  const share = loads?.[device * choices.length + index] ?? choice?.escalation?.share ?? 1
  return { curve: tier === 'cloud' ? cloudCurveMs : edgeCurvesMs[edgeOf[device]], share }
}

/** What a share takes alone beyond what it adds to the node's total. */
export function beyondMs(curve: Float64Array, share: number): number {
  return share < 1 ? share * (timeMs(curve, 1) - timeMs(curve, share)) : 0
}

/** g, linear between whole users and on below the first; infinity beyond the last. */
export function timeMs(curve: Float64Array, load: number): number {
  if (load > curve.length) return Infinity
  const [first = Infinity, second = first] = curve
  if (load < 1) return first === Infinity ? first : first + (load - 1) * (second - first)
  const [below, above] = [Math.floor(load), Math.ceil(load)]
  return curve[below - 1] + (load - below) * (curve[above - 1] - curve[below - 1])
}
