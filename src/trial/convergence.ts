/**
 * Convergence, defined once, for every agent alike (the HL paper states no rule).
 *
 * After every real step the greedy decision in force is checked. It is good when it meets the goal and its noise-free average
 * response time is within 1 % of the brute-force optimum. An agent has converged at the first good step t from which at least
 * 95 % of the checks in [t, max(2t, t + 500)] are good; the strict variant asks for all of them. Why 95 %: while an agent
 * explores and learns from noisy response times, its greedy decision leaves a near-optimal one now and then.
 */

/** How far above the optimum a good decision may be, as a share of it. */
const TOLERANCE = 0.01
/** Fewest steps that a claim looks ahead. */
const LEAST_LOOK_AHEAD = 500
/** Share of the checks that must be good, in percent: whole numbers compare exactly. */
const SHARE_PERCENT = 95

export interface Check {
  /** Noise-free averages over the devices. */
  readonly responseTimeMs: number
  readonly accuracyPercent: number
  readonly isGoalMet: boolean
}

/** @param optimumMs the lowest average response time of a decision that meets the goal */
export function isGood({ responseTimeMs, isGoalMet }: Check, optimumMs: number): boolean {
  return isGoalMet && responseTimeMs <= optimumMs * (1 + TOLERANCE)
}

/** Takes the checks one by one. The rule looks ahead, so of T checks it can decide steps up to T − 500, or T / 2 if that is less. */
export class Convergence {
  /** Good checks among the first t, at index t. */
  private readonly goodUntil = [0]
  private foundStep: number | undefined
  private foundStrictStep: number | undefined

  /** The step at which the agent converged; undefined while that is not known. Steps count from 1. */
  get step(): number | undefined {
    return this.foundStep
  }

  /** The same if every check must be good. */
  get strictStep(): number | undefined {
    return this.foundStrictStep
  }

  /** The check after the next real step. */
  add(good: boolean): void {
    const before = this.goodUntil.at(-1) ?? 0
    this.goodUntil.push(good ? before + 1 : before)
    const last = this.goodUntil.length - 1
    const step = stepDecidedBy(last)
    if (step === undefined || !this.wasGood(step)) return
    const checks = last - step + 1
    const goodChecks = this.goodIn(step, last)
    if (goodChecks * 100 >= checks * SHARE_PERCENT) this.foundStep ??= step
    if (goodChecks === checks) this.foundStrictStep ??= step
  }

  private wasGood(step: number): boolean {
    return this.goodIn(step, step) === 1
  }

  private goodIn(first: number, last: number): number {
    return (this.goodUntil[last] ?? 0) - (this.goodUntil[first - 1] ?? 0)
  }
}

/** The t with max(2t, t + 500) = `last`; there is at most one, and none for odd numbers beyond 1,000. */
function stepDecidedBy(last: number): number | undefined {
  if (last > 2 * LEAST_LOOK_AHEAD) return last % 2 === 0 ? last / 2 : undefined
  return last > LEAST_LOOK_AHEAD ? last - LEAST_LOOK_AHEAD : undefined
}
