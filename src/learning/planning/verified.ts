/**
 * `verified`: line 30 is a real step where System is not sure, and a step of System where it is. A is what posterior draws of System
 * name, then the best by its mean: the mean alone would suggest what is in D_plan already, for ever.
 */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Constraint } from '../constraint/constraint.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { argmin, lowest } from '../environment/ranking.ts'
import type { SystemView } from '../model/network.ts'
import type { Experience } from '../replay/experience.ts'
import type { Planning, Suggestion } from './planning.ts'

export interface VerifiedOptions {
  readonly problem: Problem
  readonly constraint: Constraint
  readonly hyperparameters: Hyperparameters
  readonly random: Random
  /** Q(s, ·) [choices^devices] */
  readonly policyCosts: (features: Float32Array) => Float32Array
}

/** The default. */
export class VerifiedPlanning implements Planning {
  private readonly options: VerifiedOptions
  /** The best by System's mean in the state of the last suggestions. */
  private incumbent: Decision = []

  constructor(options: VerifiedOptions) {
    this.options = options
  }

  suggest(state: State, system: SystemView): Suggestion[] {
    const { problem, constraint, hyperparameters, random } = this.options
    const { candidates, doubts, spread } = hyperparameters
    const allowed = constraint.allowed(state)
    this.incumbent = decisionOf(argmin(system.means(), allowed), problem)
    const promising = new Set(this.named(state, system, allowed))
    const doubtful = constraint.doubtful(state)
    if (doubtful.length > 0) {
      for (const action of lowest(system.draw(random, spread), doubtful, doubts)) {
        promising.add(action)
      }
    }
    const all = new Set(promising)
    for (const action of lowest(this.costs(state, system), allowed, candidates)) {
      if (all.size < candidates) all.add(action)
    }
    return [...all].map((action) => ({
      decision: decisionOf(action, problem),
      isPromising: promising.has(action),
    }))
  }

  judge(
    { decision, isPromising }: Suggestion,
    system: SystemView,
    planned: Experience | undefined,
    isReal: boolean,
  ) {
    const { ablation } = this.options.hyperparameters
    const isSure = !ablation.policyProposes && this.isSure(decision, system)
    const isWorthTrying = isPromising && isReal && !isSure
    if (planned && !(planned.predicted && isWorthTrying)) return 'refresh'
    if (isSure) return 'predict'
    return isWorthTrying ? 'try' : 'leave'
  }

  /** What is true of a decision is true in one state. */
  key(decision: Decision, features: Float32Array): string {
    return `${decision} in ${features}`
  }

  /** What may be better than all others, as a posterior draw says. */
  private named(state: State, system: SystemView, allowed: Uint32Array): number[] {
    const { hyperparameters, random } = this.options
    const { candidates, draws, spread, ablation } = hyperparameters
    const count = Math.min(draws, candidates)
    if (ablation.policyProposes) return lowest(this.costs(state, system), allowed, count)
    return Array.from({ length: count }, () => system.drawBest(random, spread, allowed))
  }

  private costs({ features }: State, system: SystemView): Float32Array {
    const { hyperparameters, policyCosts } = this.options
    return hyperparameters.ablation.policyProposes ? policyCosts(features) : system.means()
  }

  /** Whether it is all but certain not to be better than the best known by more than is worth a try. */
  private isSure(decision: Decision, system: SystemView): boolean {
    const { sureness, worthwhile } = this.options.hyperparameters
    const nowMs = system.cost(this.incumbent)
    const gapMs = system.cost(decision) - nowMs
    return gapMs + worthwhile * nowMs > sureness * system.deviation(decision, this.incumbent)
  }
}
