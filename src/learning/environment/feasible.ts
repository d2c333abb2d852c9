/**
 * The `exact` regime: accuracies are known (HL paper, Table III), so which joint decisions meet the goal is computed, not
 * learned, and no other is ever taken. Joint decisions are numbered in mixed radix, device 0 most significant.
 */
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { hundredthsOf, neededHundredths } from '../../fleet/goal.ts'
import type { Random } from '../../random.ts'
import { unreachableGoal } from './availability.ts'
import { sumPerDecision } from './decision-sums.ts'
import type { Decision, Problem, State } from './environment.ts'

/** Scoring visits every joint decision at every step: beyond this, a step would take longer than a request. */
export const MAX_JOINT_DECISIONS = 1_000_000

/** Feasible sets kept; the oldest goes first. Each holds up to `MAX_JOINT_DECISIONS` indices of 4 bytes. */
const CACHED_SETS = 4

/** @throws ConfigError when the problem has more than `MAX_JOINT_DECISIONS` joint decisions */
export function jointDecisionCount({ devices, choices }: Problem): number {
  const count = choices.length ** devices
  if (count <= MAX_JOINT_DECISIONS) return count
  throw new ConfigError(
    `${devices} devices with ${choices.length} choices each have ${count} joint decisions, more than the ${MAX_JOINT_DECISIONS} this agent can search: use fewer devices or choices, agent factored, or a fixed decision such as --agent fixed:edge/d0`,
  )
}

export function decisionOf(index: number, { devices, choices }: Problem): Decision {
  const decision = new Array<number>(devices)
  let rest = index
  for (let device = devices - 1; device >= 0; device--) {
    decision[device] = rest % choices.length
    rest = Math.floor(rest / choices.length)
  }
  return decision
}

export function indexOf(decision: Decision, { choices }: Problem): number {
  return decision.reduce((index, choice) => index * choices.length + choice, 0)
}

export class FeasibleDecisions {
  private readonly problem: Problem
  private readonly mostHundredths: number
  /**
   * What every joint decision loses against the most accurate choice for all: whole hundredths of a percent, so that the goal is met
   * exactly or not at all. [choices^devices]
   */
  private readonly losses: Float32Array
  private readonly cache = new Map<string, Uint32Array>()

  /** @throws ConfigError when there are too many joint decisions */
  constructor(problem: Problem) {
    const { devices, choices } = problem
    jointDecisionCount(problem)
    this.problem = problem
    const hundredths = choices.map(({ accuracyPercent }) => hundredthsOf(accuracyPercent))
    this.mostHundredths = Math.max(...hundredths)
    const losses = hundredths.map((own) => this.mostHundredths - own)
    this.losses = sumPerDecision(problem, Array<number[]>(devices).fill(losses).flat())
  }

  /**
   * Indices of all joint decisions that use only available choices and whose average accuracy is at or above the goal.
   * @returns ascending [feasible], never empty
   * @throws InvalidInputError when no decision can meet the goal
   */
  indices(state: State): Uint32Array {
    const key = `${state.goalPercent} ${state.available}`
    const known = this.cache.get(key)
    if (known) return known
    const indices = this.enumerate(state)
    if (this.cache.size >= CACHED_SETS) {
      for (const oldest of this.cache.keys()) {
        this.cache.delete(oldest)
        break
      }
    }
    this.cache.set(key, indices)
    return indices
  }

  /** Whether this one decision is available and meets the goal. */
  includes(decision: Decision, { goalPercent, available }: State): boolean {
    const loss = this.losses[indexOf(decision, this.problem)]
    return (
      loss <= this.mostLoss(goalPercent) &&
      decision.every((choice, device) => available[device][choice])
    )
  }

  /** A feasible joint decision, each with the same probability. */
  random(state: State, random: Random): number {
    const indices = this.indices(state)
    return indices[random.integer(indices.length)]
  }

  private enumerate(state: State): Uint32Array {
    const { problem, losses } = this
    const unreachable = unreachableGoal(problem, state)
    if (unreachable !== undefined) throw new InvalidInputError(unreachable)
    const closed = state.available.flatMap((open) => open.map((isOpen) => (isOpen ? 0 : 1)))
    const unavailable = sumPerDecision(problem, closed)
    const mostLoss = this.mostLoss(state.goalPercent)
    const feasible = new Uint32Array(losses.length)
    let count = 0
    for (let index = 0; index < losses.length; index++) {
      if (unavailable[index] === 0 && losses[index] <= mostLoss) feasible[count++] = index
    }
    return feasible.slice(0, count)
  }

  /** What a decision that meets the goal may lose. */
  private mostLoss(goalPercent: number): number {
    const { devices } = this.problem
    return devices * this.mostHundredths - neededHundredths(goalPercent, devices)
  }
}
