/** Plans a joint decision and certifies how far it can be from the best. */
import { ascend } from './ascent.ts'
import { Dual } from './dual.ts'
import { layOut, unreachable } from './instance.ts'
import { findDecision } from './primal.ts'
import type { Plan, PlanningProblem, PlanOptions } from './problem.ts'

/**
 * Lowest total response time that meets the goal, with a lower bound on what any decision can reach. Deterministic.
 * @throws InvalidInputError where the problem's shapes or values do not fit
 * @throws ConfigError where a device has no open choice, or no decision that meets the goal was found
 */
export function plan(problem: PlanningProblem, { prices: first }: PlanOptions = {}): Plan {
  const instance = layOut(problem)
  const dual = new Dual(instance)
  const { lowerBoundMs, prices } = ascend(dual, first)
  const found = findDecision(dual, prices)
  if (!found.isFeasible) throw unreachable(problem.goalPercent, problem.goalPercent)
  const totalMs = found.totalMs
  const mostTenths = Math.max(
    ...problem.choices.map(({ accuracyPercent }) => Math.round(accuracyPercent * 10)),
  )
  return {
    decision: found.decision,
    responseTimeMs: totalMs / problem.devices,
    totalResponseTimeMs: totalMs,
    accuracyPercent: (mostTenths - found.lost / problem.devices) / 10,
    lowerBoundMs,
    gap: (totalMs - lowerBoundMs) / Math.abs(totalMs),
    proven: false,
    capped: false,
    prices,
  }
}
