/** The optimum that agents are measured against: lowest average response time whose average accuracy meets the goal. */

import { ConfigError } from '../../../errors.ts'
import {
  accuraciesOf,
  averageAccuracyPercent,
  hundredthsOf,
  neededHundredths,
} from '../../../fleet/goal.ts'
import { unreachableGoal } from '../../environment/availability.ts'
import type { Availability, Decision, Problem } from '../../environment/environment.ts'
import { searchJointDecisions } from './oracle-dynamic-programming.ts'
import { escalatesAway, planProfile } from './oracle-plan.ts'
import { type Profile, predictProfile } from './oracle-profile.ts'

export interface BestDecision {
  readonly decision: Decision
  /** Averages over the devices. */
  readonly responseTimeMs: number
  readonly accuracyPercent: number
}

/** Most joint decisions that brute force tries. */
const MOST_DECISIONS = 10_000_000

/**
 * The best joint decision of a profile: exact, but where devices may escalate to shared nodes (see `planProfile`). Decisions of equal
 * value: any of them.
 * @throws ConfigError naming the goal and the best reachable accuracy, if no decision meets it
 */
export function bestDecision(
  problem: Problem,
  profile: Profile,
  goalPercent: number,
  available: Availability,
): BestDecision {
  const open = reachableChoices(problem, goalPercent, available)
  const needed = neededHundredths(goalPercent, problem.devices)
  const decision = problem.choices.some(escalatesAway)
    ? planProfile(problem, profile, goalPercent, available)
    : searchJointDecisions(problem, profile, needed, open)
  return rated(problem, decision, mean(predictProfile(profile, problem, decision)))
}

/**
 * The same by trying every joint decision, for response times that no profile can hold.
 * @param responseTimeMs average response time of a decision
 * @throws ConfigError as `bestDecision`, and if there are more than 10,000,000 decisions
 */
export function bruteForce(
  problem: Problem,
  responseTimeMs: (decision: Decision) => number,
  goalPercent: number,
  available: Availability,
): BestDecision {
  const open = reachableChoices(problem, goalPercent, available)
  const decisions = open.reduce((count, own) => count * own.length, 1)
  if (decisions > MOST_DECISIONS) {
    throw new ConfigError(
      `${problem.devices} devices have ${decisions} joint decisions: brute force tries at most ${MOST_DECISIONS}`,
    )
  }
  const needed = neededHundredths(goalPercent, problem.devices)
  const hundredths = problem.choices.map(({ accuracyPercent }) => hundredthsOf(accuracyPercent))
  const decision = Array.from({ length: problem.devices }, () => 0)
  let best: { decision: Decision; responseTimeMs: number } | undefined
  for (let index = 0; index < decisions; index++) {
    let rest = index
    let sumHundredths = 0
    for (let device = problem.devices - 1; device >= 0; device--) {
      const own = open[device]
      const choice = own[rest % own.length]
      decision[device] = choice
      sumHundredths += hundredths[choice]
      rest = Math.floor(rest / own.length)
    }
    if (sumHundredths < needed) continue
    const triedMs = responseTimeMs(decision)
    if (best === undefined || triedMs < best.responseTimeMs) {
      best = { decision: [...decision], responseTimeMs: triedMs }
    }
  }
  if (best === undefined)
    throw new ConfigError('no joint decision has a response time below infinity')
  return rated(problem, best.decision, best.responseTimeMs)
}

/** Indices of the choices that each device may take, with which the goal can be met. Shape [devices][open]. */
function reachableChoices(
  problem: Problem,
  goalPercent: number,
  available: Availability,
): readonly (readonly number[])[] {
  const unreachable = unreachableGoal(problem, { goalPercent, available })
  if (unreachable !== undefined) throw new ConfigError(unreachable)
  return available.map((row) => row.flatMap((isOpen, choice) => (isOpen ? [choice] : [])))
}

function rated(problem: Problem, decision: Decision, responseTimeMs: number): BestDecision {
  const accuracyPercent = averageAccuracyPercent(accuraciesOf(decision, problem.choices))
  return { decision, responseTimeMs, accuracyPercent }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
