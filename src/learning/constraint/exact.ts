import type { Problem, State } from '../environment/environment.ts'
import { FeasibleDecisions } from '../environment/feasible.ts'
import type { Constraint } from './constraint.ts'

const NONE = new Uint32Array(0)

/** Accuracies are known (HL paper, Table III): what meets the goal is computed, and nothing else is ever taken. */
export class ExactConstraint implements Constraint {
  private readonly feasible: FeasibleDecisions

  /** @throws ConfigError when there are too many joint decisions */
  constructor(problem: Problem) {
    this.feasible = new FeasibleDecisions(problem)
  }

  /** @throws InvalidInputError when no decision can meet the goal */
  allowed(state: State): Uint32Array {
    return this.feasible.indices(state)
  }

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
