/** `repaired` and `literal`: line 30 is a step of the System Model. */
import type { Constraint } from '../constraint/constraint.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { lowest } from '../environment/ranking.ts'
import type { SystemView } from '../model/network.ts'
import type { Experience } from '../replay/experience.ts'
import type { Planning, Suggestion } from './planning.ts'

/** As printed. */
export class PredictedPlanning implements Planning {
  private readonly problem: Problem
  private readonly constraint: Constraint
  private readonly candidates: number

  constructor(problem: Problem, constraint: Constraint, candidates: number) {
    this.problem = problem
    this.constraint = constraint
    this.candidates = candidates
  }

  /** As printed: argsort of System's r, [0:K]. */
  suggest(state: State, system: SystemView): Suggestion[] {
    return lowest(system.means(), this.constraint.allowed(state), this.candidates).map(
      (action) => ({
        decision: decisionOf(action, this.problem),
        isPromising: false,
      }),
    )
  }

  judge(_suggestion: Suggestion, _system: SystemView, planned: Experience | undefined) {
    return planned ? 'refresh' : 'predict'
  }

  /** As printed: whatever the state. */
  key(decision: Decision): string {
    return `${decision}`
  }
}
