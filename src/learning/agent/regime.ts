/**
 * The two ways a baseline may meet the goal. `exact`: accuracies are known, so decisions that break the goal are masked.
 * `penalty`, the paper's: every available decision may be taken, and the environment's cost tells where the goal was broken.
 */
import type { Problem, State } from '../environment/environment.ts'
import { FeasibleDecisions } from '../environment/feasible.ts'

export type Regime = 'exact' | 'penalty'

export class AllowedDecisions {
  private readonly feasible: FeasibleDecisions
  private readonly regime: Regime

  /** @throws ConfigError when there are too many joint decisions */
  constructor(problem: Problem, regime: Regime) {
    this.feasible = new FeasibleDecisions(problem)
    this.regime = regime
  }

  /**
   * @returns ascending [allowed], never empty
   * @throws InvalidInputError when none is allowed
   */
  indices(state: State): Uint32Array {
    return this.feasible.indices(this.regime === 'exact' ? state : { ...state, goalPercent: 0 })
  }

  /** @param draw uniform in [0, 1) */
  random(state: State, draw: number): number {
    const indices = this.indices(state)
    return indices[Math.floor(draw * indices.length)] as number
  }
}

/** Whether an agent must answer both alike: same features, goal and available choices. */
export function sameState(a: State, b: State): boolean {
  return (
    a.goalPercent === b.goalPercent &&
    sameNumbers(a.features, b.features) &&
    sameFlags(a.available, b.available)
  )
}

function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}

function sameFlags(a: readonly boolean[], b: readonly boolean[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}
