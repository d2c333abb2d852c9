/** Plans a joint decision and certifies how far it can be from the best. */
import type { Assignment } from './assignment.ts'
import { Bound } from './bound.ts'
import { Dual } from './dual.ts'
import { layOut, unreachable } from './instance.ts'
import { findDecision } from './primal.ts'
import type { Plan, PlanningProblem, PlanOptions } from './problem.ts'

/** Numbers of cloud users from which a decision is sought. */
const MOST_TRIED = 4
/** A gap that is not worth another try. */
const CLOSE = 1e-5

/**
 * Lowest total response time that meets the goal, with a lower bound on what any decision can reach. Deterministic.
 * @throws InvalidInputError where the problem's shapes or values do not fit
 * @throws ConfigError where a device has no open choice, or no decision that meets the goal was found
 */
export function plan(problem: PlanningProblem, { prices: first }: PlanOptions = {}): Plan {
  const instance = layOut(problem)
  const dual = new Dual(instance)
  const bound = new Bound(dual)
  const prices = bound.ascend(first)
  const found = findBest(dual, bound)
  if (!found.isFeasible) throw unreachable(problem.goalPercent, problem.goalPercent)
  const { lowestMs: lowerBoundMs } = bound.lowest
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

/** Takes the numbers of cloud users in turn that the bound thinks best, until it settles or the gap is small. */
function findBest(dual: Dual, bound: Bound): Assignment {
  const tried = new Set<number>()
  let best: Assignment | undefined
  let bestMs = Number.POSITIVE_INFINITY
  for (;;) {
    const { cloudUsers } = bound.lowest
    tried.add(cloudUsers)
    const found = findDecision(dual, bound.ascendFor(cloudUsers), cloudUsers)
    const totalMs = found.isFeasible ? found.totalMs : Number.POSITIVE_INFINITY
    if (best === undefined || totalMs < bestMs) {
      best = found
      bestMs = totalMs
    }
    const next = bound.lowest
    const isClose = bestMs - next.lowestMs <= CLOSE * Math.abs(bestMs)
    if (isClose || tried.has(next.cloudUsers) || tried.size === MOST_TRIED) return best
  }
}
