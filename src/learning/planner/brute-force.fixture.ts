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

/** Infinity where a choice is closed or a node has too many users. */
export function totalMs(
  { choices, ownTimesMs, edgeOf, edgeCurvesMs, cloudCurveMs }: PlanningProblem,
  decision: readonly number[],
): number {
  const users = new Map<ArrayLike<number>, number>()
  let sum = 0
  for (const [device, choice] of decision.entries()) {
    sum += ownTimesMs[device * choices.length + choice]
    const tier = choices[choice]?.placement.tier
    if (tier === 'end') continue
    const curve = tier === 'cloud' ? cloudCurveMs : (edgeCurvesMs[edgeOf[device]] ?? [])
    users.set(curve, (users.get(curve) ?? 0) + 1)
  }
  for (const [curve, count] of users) sum += count * (curve[count - 1] ?? Infinity)
  return sum
}
