/**
 * The paper's own way: every available decision may be taken, and the penalty is one more cost. What broke the goal is left to
 * the value function, in which the cliff between meeting and breaking it is as smooth as the function is.
 */
import type { Problem, State } from '../environment/environment.ts'
import { FeasibleDecisions } from '../environment/feasible.ts'
import type { Constraint } from './constraint.ts'

const NONE = new Uint32Array(0)

export class SmoothCliff implements Constraint {
  private readonly feasible: FeasibleDecisions

  /** @throws ConfigError when there are too many joint decisions */
  constructor(problem: Problem) {
    this.feasible = new FeasibleDecisions(problem)
  }

  /** @throws InvalidInputError when no choice is available */
  allowed(state: State): Uint32Array {
    return this.feasible.indices({ ...state, goalPercent: 0 })
  }

  /** @throws InvalidInputError when no choice is available */
  explorable(state: State): Uint32Array {
    return this.allowed(state)
  }

  doubtful(): Uint32Array {
    return NONE
  }

  isCold(): boolean {
    return false
  }

  observe(): boolean {
    return true
  }

  save(): undefined {}

  restore(): void {}
}
