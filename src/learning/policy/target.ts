/**
 * The target network Q' (lines 1, 16 and 38 of Algorithm 1): what an experience is to be learned as where the future counts,
 * (1 − γ) r + γ min Q'(s', ·). With γ = 0 it would be multiplied by 0, so it is not made.
 */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Constraint } from '../constraint/constraint.ts'
import type { Problem, State } from '../environment/environment.ts'
import { argmin } from '../environment/ranking.ts'
import type { Engine } from '../nn/engine.ts'
import type { NetworkState } from '../nn/wide-and-deep.ts'
import type { Experience } from '../replay/experience.ts'
import { Policy } from './policy.ts'

/** Q′. */
export class Target {
  private readonly network: Policy
  private readonly discount: number
  private readonly constraint: Constraint
  /** min Q'(s', ·), scaled, by s' and what is allowed; as of the last copy. */
  private readonly minima = new Map<string, number>()

  /** @param discount γ */
  constructor(
    problem: Problem,
    engine: Engine,
    hyperparameters: Hyperparameters,
    discount: number,
    constraint: Constraint,
    random: Random,
  ) {
    this.network = new Policy(problem, engine, hyperparameters, random)
    this.discount = discount
    this.constraint = constraint
  }

  /** Q' ← Q. */
  copy(policy: Policy): void {
    this.network.restore(policy.save())
    this.minima.clear()
  }

  /**
   * The cost to learn the experience as, ms.
   * @param now its goal and available choices hold for s' too
   * @param scaleMs ms per unit of scaled cost
   */
  costMs({ cost, nextFeatures }: Experience, now: State, scaleMs: number): number {
    const key = `${nextFeatures} ${now.goalPercent} ${now.available}`
    let minimum = this.minima.get(key)
    if (minimum === undefined) {
      const costs = this.network.costs(nextFeatures)
      minimum = costs[argmin(costs, this.constraint.allowed(now))]
      this.minima.set(key, minimum)
    }
    return (1 - this.discount) * cost + this.discount * minimum * scaleMs
  }

  save(): NetworkState {
    return this.network.save()
  }

  restore(state: NetworkState): void {
    this.network.restore(state)
    this.minima.clear()
  }
}
