import type { State } from '../environment/environment.ts'
import { ExactConstraint } from './exact.ts'

/**
 * The paper's own way: every available decision may be taken, and the penalty is one more cost. What broke the goal is left to
 * the value function, in which the cliff between meeting and breaking it is as smooth as the function is.
 */
export class SmoothCliff extends ExactConstraint {
  /** @throws InvalidInputError when no choice is available */
  override allowed(state: State): Uint32Array {
    return super.allowed({ ...state, goalPercent: 0 })
  }
}
