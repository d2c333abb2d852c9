/** `verified`: line 30 is a real step where System is not sure, and a step of System where it is. */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Constraint } from '../constraint/constraint.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { argmin, lowest } from '../environment/ranking.ts'
import type { SystemView } from '../model/network.ts'
import type { Experience } from '../replay/experience.ts'
import type { Planning, Suggestion, Verdict } from './planning.ts'

export interface VerifiedOptions {
  readonly problem: Problem
  readonly constraint: Constraint
  readonly hyperparameters: Hyperparameters
  readonly random: Random
  /** Q(s, ·) */
  readonly policyCosts: (features: Float32Array) => Float32Array
  readonly greedy: (state: State) => Decision
}

export class VerifiedPlanning implements Planning {
  private readonly o: VerifiedOptions
  private incumbent: Decision = []

  constructor(options: VerifiedOptions) {
    this.o = options
  }

  suggest(state: State, system: SystemView): Suggestion[] {
    const { problem, constraint, hyperparameters, random, greedy } = this.o
    const { candidates, draws, doubts, spread, ablation } = hyperparameters
    const allowed = constraint.allowed(state)
    this.incumbent = greedy(state)
    const named = new Set<number>()
    const count = Math.min(draws, candidates)
    if (ablation.chanceProposes) for (let i = 0; i < count; i++) named.add(allowed[random.integer(allowed.length)])
    else if (ablation.policyProposes) for (const a of lowest(this.o.policyCosts(state.features), allowed, count)) named.add(a)
    else for (let i = 0; i < count; i++) named.add(argmin(system.draw(random, spread), allowed))
    const best = ablation.policyProposes ? this.o.policyCosts(state.features) : system.means()
    const all = new Set(named)
    if (hyperparameters.refuted > 0) for (const a of lowest(this.o.policyCosts(state.features), allowed, hyperparameters.refuted)) all.add(a)
    for (const a of ablation.chanceProposes ? [] : lowest(best, allowed, candidates)) if (all.size < candidates) all.add(a)
    const doubtful = constraint.doubtful(state)
    const doubted = doubtful.length > 0 ? lowest(system.draw(random, spread), doubtful, doubts) : []
    for (const a of doubted) { named.add(a); all.add(a) }
    return [...all].map((action) => ({ decision: decisionOf(action, problem), isPromising: named.has(action) }))
  }

  judge({ decision, isPromising }: Suggestion, system: SystemView, planned: Experience | undefined, isReal: boolean): Verdict {
    const { ablation } = this.o.hyperparameters
    if (ablation.chanceProposes || ablation.policyProposes) return planned ? 'refresh' : isPromising && isReal ? 'try' : 'leave'
    const sure = this.isSure(decision, system)
    const retry = planned?.predicted === true && isPromising && !sure && isReal
    if (planned && !retry) return 'refresh'
    if (sure) return 'predict'
    return isPromising && isReal ? 'try' : this.o.hyperparameters.predictUnsure > 0 ? 'predict' : 'leave'
  }

  /** Whether it is all but certain not to be better than what Q does by more than is worth a try. */
  private isSure(decision: Decision, system: SystemView): boolean {
    const { sureness, worthwhile, tau } = this.o.hyperparameters
    if (tau > 0) return system.deviation(decision) <= tau * system.cost(decision)
    const now = system.cost(this.incumbent)
    const gap = system.cost(decision) - now
    return gap + worthwhile * now > sureness * system.deviation(decision, this.incumbent)
  }

  key(decision: Decision, features: Float32Array): string {
    return `${decision} in ${features}`
  }
}
