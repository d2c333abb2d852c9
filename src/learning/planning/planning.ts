/** Lines 26 to 33 of Algorithm 1, where the listing leaves open what `take step` of line 30 is. */
import type { Decision, State } from '../environment/environment.ts'
import type { SystemView } from '../model/network.ts'
import type { Experience } from '../replay/experience.ts'

/** One of A (line 27). */
export interface Suggestion {
  readonly decision: Decision
  /** Whether it may be better than all others; else it is only among the best as far as is known. */
  readonly isPromising: boolean
}

/** What becomes of one of A: lines 30 and 31 for real or by System, or line 33, or nothing. */
type Verdict = 'try' | 'predict' | 'refresh' | 'leave'

/** How planning is done. */
export interface Planning {
  /** Line 27: A, in the state that System is seen in. */
  suggest(state: State, system: SystemView): Suggestion[]
  /**
   * Lines 29 to 33.
   * @param planned what D_plan has of it
   * @param isReal whether the state is the environment's, not imagined
   */
  judge(
    suggestion: Suggestion,
    system: SystemView,
    planned: Experience | undefined,
    isReal: boolean,
  ): Verdict
  /** A decision as a key of D_plan. */
  key(decision: Decision, features: Float32Array): string
}
