import { ConfigError, InvalidInputError } from '../../errors.ts'
import { Assignment } from './assignment.ts'
import { Bound } from './bound.ts'
import { Completion } from './completion.ts'
import { Dual } from './dual.ts'
import { LabelSearch, lessThan } from './label-search.ts'
import { layOut } from './lay-out.ts'
import { findDecision } from './primal.ts'
import type { Plan, PlanningProblem, PlanOptions } from './problem.ts'
import { reduce } from './reduced.ts'

/** Numbers of cloud users from which a decision is sought. */
const MOST_TRIED = 4
/** A gap that is not worth another try. */
const CLOSE = 1e-5
/** Up to so many devices the exact search is worth its time. */
const FEW_DEVICES = 50
const MOST_LABELS = 200_000
/** Up to so many devices the exact search finds sooner what pairs of moves would. */
const FEW_FOR_PAIRS = 20

/**
 * Lowest total response time that meets the goal, with a lower bound on what any decision can reach. Deterministic.
 * @throws InvalidInputError where shapes or values of the problem or the options do not fit
 * @throws ConfigError where a device has no open choice, or no decision that meets the goal was found
 */
export function plan(problem: PlanningProblem, options: PlanOptions = {}): Plan {
  const { devices, goalPercent } = problem
  checkOptions(options)
  const dual = new Dual(layOut(problem))
  const bound = new Bound(dual)
  const prices = bound.ascend(options.prices)
  const mostLabels = options.mostLabels ?? (devices <= FEW_DEVICES ? MOST_LABELS : 0)
  const best = findBest(dual, bound, mostLabels === 0 || devices > FEW_FOR_PAIRS)
  const proven = prove(dual, bound, best, mostLabels)
  if (!best.isFeasible) throw noRoom(goalPercent, proven)
  const totalResponseTimeMs = best.totalMs
  const lowestMs = proven ? totalResponseTimeMs : bound.lowest.lowestMs
  return {
    decision: best.decision,
    responseTimeMs: totalResponseTimeMs / devices,
    totalResponseTimeMs,
    accuracyPercent: (dual.instance.mostHundredths - best.lost / devices) / 100,
    lowerBoundMs: lowestMs / devices,
    // Of no time at all the best is the best.
    gap: (totalResponseTimeMs - lowestMs) / (Math.abs(totalResponseTimeMs) || 1),
    proven,
    capped: mostLabels > 0 && !proven,
    prices,
  }
}

function checkOptions({ prices, mostLabels = 0 }: PlanOptions): void {
  for (const [name, price] of Object.entries(prices ?? {})) {
    if (!Number.isFinite(price)) {
      throw new InvalidInputError(`prices.${name} is ${price}: give the prices of an earlier plan`)
    }
  }
  if (!Number.isInteger(mostLabels) || mostLabels < 0) {
    throw new InvalidInputError(`mostLabels is ${mostLabels}: give a whole number from 0`)
  }
}

function noRoom(goalPercent: number, proven: boolean): ConfigError {
  return new ConfigError(
    `no decision ${proven ? 'meets' : 'was found that meets'} the goal of ${goalPercent} % with the room the nodes have: lower the goal, or let more devices use a node`,
  )
}

/** Takes the numbers of cloud users in turn that the bound thinks best, until it settles or the gap is small. */
function findBest(dual: Dual, bound: Bound, withPairs: boolean): Assignment {
  const { perUser, devices } = dual.instance
  // One unit of the cloud's load more or less is nothing to many devices.
  const mostTried = perUser > 1 && devices > FEW_DEVICES ? 1 : MOST_TRIED
  const tried = new Set<number>()
  let best = new Assignment(dual.instance)
  let bestMs = Infinity
  for (;;) {
    const { lowestMs, cloudUsers } = bound.lowest
    tried.add(cloudUsers)
    const prices = bound.ascendFor(cloudUsers)
    dual.evaluate(prices.accuracyMs, prices.cloudMs)
    // Where many numbers are as good, that which the prices give is no work.
    const isAsGood = bound.lowestFor(dual.cloudUsers) - lowestMs <= CLOSE * Math.abs(lowestMs)
    const served = isAsGood ? dual.cloudUsers : cloudUsers
    const found = findDecision(dual, prices, served, withPairs)
    const totalMs = found.isFeasible ? found.totalMs : Infinity
    if (tried.size === 1 || totalMs < bestMs) {
      best = found
      bestMs = totalMs
    }
    const next = bound.lowest
    const isClose = bestMs - next.lowestMs <= CLOSE * Math.abs(bestMs)
    if (isClose || tried.has(next.cloudUsers) || tried.size === mostTried) return best
  }
}

/** Searches every number of cloud users that can still be best. @returns whether `best`, perhaps replaced, is proven to be */
function prove(dual: Dual, bound: Bound, best: Assignment, mostLabels: number): boolean {
  const { instance, reduced } = dual
  let labels: LabelSearch | undefined
  let bestMs = best.isFeasible ? best.totalMs : Infinity
  for (;;) {
    const { lowestMs, cloudUsers } = bound.lowest
    if (lowestMs >= lessThan(bestMs)) return true
    if (mostLabels === 0) return false
    const prices = bound.ascendFor(cloudUsers)
    if (bound.lowest.lowestMs > lowestMs && bound.lowest.cloudUsers !== cloudUsers) continue
    reduce(instance, prices.accuracyMs, reduced)
    const mostCloudUnits = instance.perUser === 1 ? Infinity : cloudUsers
    const completion = new Completion(instance, reduced, prices, mostCloudUnits)
    labels ??= new LabelSearch(instance, mostLabels)
    const found = labels.search({ completion, cloudUsers, bestMs }, best)
    if (found === 'capped') return false
    bestMs = found
    bound.settle(cloudUsers)
  }
}
