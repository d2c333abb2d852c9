/**
 * The `exact` regime: accuracies are known (HL paper, Table III), so which joint decisions meet the goal is computed, not
 * learned, and no other is ever taken. Joint decisions are numbered in mixed radix, device 0 most significant.
 */
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { hundredthsOf, neededHundredths } from '../../fleet/goal.ts'
import type { Random } from '../../random.ts'
import type { Decision, Problem, State } from './environment.ts'

/** Scoring visits every joint decision at every step: beyond this, a step would take longer than a request. */
const MAX_JOINT_DECISIONS = 1_000_000

/** Feasible sets kept; the oldest goes first. Each holds up to `MAX_JOINT_DECISIONS` indices of 4 bytes. */
const CACHED_SETS = 4

/** @throws ConfigError when the problem has more than `MAX_JOINT_DECISIONS` joint decisions */
export function jointDecisionCount({ devices, choices }: Problem): number {
  const count = choices.length ** devices
  if (count <= MAX_JOINT_DECISIONS) return count
  throw new ConfigError(
    `${devices} devices with ${choices.length} choices each have ${count} joint decisions, more than the ${MAX_JOINT_DECISIONS} this agent can search: use fewer devices, or a fixed decision such as --agent fixed:edge/d0`,
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
  /** Sum of accuracies in hundredths of a percent, of every joint decision: integers, so that the goal is met exactly or not at all. [decisions] */
  private readonly accuracySums: Int32Array
  private readonly cache = new Map<string, Uint32Array>()

  /** @throws ConfigError when there are too many joint decisions */
  constructor(problem: Problem) {
    this.problem = problem
    this.accuracySums = sumPerDecision(
      problem,
      problem.choices.map(({ accuracyPercent }) => hundredthsOf(accuracyPercent)),
    )
  }

  /**
   * Indices of all joint decisions that use only available choices and whose average accuracy is at or above the goal.
   * @returns ascending [feasible], never empty
   * @throws InvalidInputError when no decision can meet the goal
   */
  indices(state: State): Uint32Array {
    const key = `${state.goalPercent}|${state.available.map(Number).join('')}`
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
  includes(decision: Decision, state: State): boolean {
    const sum = this.accuracySums[indexOf(decision, this.problem)]
    return (
      sum !== undefined &&
      sum >= neededHundredths(state.goalPercent, this.problem.devices) &&
      decision.every((choice) => state.available[choice])
    )
  }

  /** A feasible joint decision, each with the same probability. */
  random(state: State, random: Random): number {
    const indices = this.indices(state)
    return indices[random.integer(indices.length)]
  }

  private enumerate(state: State): Uint32Array {
    const { problem, accuracySums } = this
    const unavailable = sumPerDecision(
      problem,
      problem.choices.map((_, choice) => (state.available[choice] ? 0 : 1)),
    )
    const required = neededHundredths(state.goalPercent, problem.devices)
    const feasible = new Uint32Array(accuracySums.length)
    let count = 0
    for (let index = 0; index < accuracySums.length; index++) {
      if (unavailable[index] === 0 && accuracySums[index] >= required) {
        feasible[count++] = index
      }
    }
    if (count === 0) throw unreachableGoal(state, problem)
    return feasible.slice(0, count)
  }
}

function unreachableGoal(
  { goalPercent, available }: State,
  { choices }: Problem,
): InvalidInputError {
  const best = Math.max(
    ...choices.filter((_, choice) => available[choice]).map((choice) => choice.accuracyPercent),
  )
  return new InvalidInputError(
    best === -Infinity
      ? 'no choice is available now: start a node that serves one'
      : `a goal of ${goalPercent} % average accuracy cannot be met: the most accurate available choice has ${best} %`,
  )
}

/** For every joint decision, the sum over devices of the value of the device's choice. [decisions] */
function sumPerDecision(problem: Problem, values: readonly number[]): Int32Array {
  let sums = new Int32Array(1)
  jointDecisionCount(problem)
  for (let device = 0; device < problem.devices; device++) {
    const next = new Int32Array(sums.length * values.length)
    for (let i = 0; i < next.length; i++) {
      next[i] = sums[Math.floor(i / values.length)] + values[i % values.length]
    }
    sums = next
  }
  return sums
}
