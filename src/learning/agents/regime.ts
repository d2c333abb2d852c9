/**
 * The two ways an agent may meet the goal. `exact`: accuracies are known, so decisions that break the goal are masked.
 * `penalty`, the paper's: every available decision may be taken, and the environment's cost tells where the goal was broken.
 */
import type { Availability, State } from '../environment/environment.ts'

export type Regime = 'exact' | 'penalty'

/** Cost of a round that breaks the goal: above every optimum of Table V (HL paper), whose largest is 507 ms. */
export const PENALTY_MS = 600

/** Whether an agent must answer both alike: same features, goal and available choices. */
export function sameState(a: State, b: State): boolean {
  return (
    a.goalPercent === b.goalPercent &&
    sameElements(a.features, b.features) &&
    sameAvailability(a.available, b.available)
  )
}

function sameElements<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}

function sameAvailability(a: Availability, b: Availability): boolean {
  return a === b || (a.length === b.length && a.every((choices, i) => sameElements(choices, b[i])))
}
