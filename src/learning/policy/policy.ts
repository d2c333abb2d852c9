/**
 * The Policy Model of Figure 2: Q(s, a; θ_Q), the expected cost of taking joint decision a in state s (minimised).
 * The next state does not depend on the decision in this problem, so the discount is 0 and the target is the cost itself;
 * the target network Q' of lines 1, 16 and 38 would be multiplied by 0 and is not kept.
 */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agent/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { CostNetwork, networkShape } from '../nn/cost-network.ts'
import { costTrainingOptions, scaledCost } from '../nn/cost-scale.ts'
import type { Engine, NetworkState } from '../nn/engine.ts'
import type { Sample } from '../replay/experience.ts'

export const HEADS = ['encoded', 'joint'] as const

/** How Q has one value per joint decision: choices are inputs, or every joint decision is an output. */
export type Head = (typeof HEADS)[number]

export class Policy {
  private readonly network: CostNetwork
  private readonly hyperparameters: Hyperparameters

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    this.hyperparameters = hyperparameters
    this.network = new CostNetwork(
      networkShape(problem, hyperparameters.hidden, 1),
      engine,
      costTrainingOptions(hyperparameters, hyperparameters.policyAverageDecay),
      hyperparameters.scaledMean,
      random,
    )
  }

  /** Q(s, ·), scaled, by the averaged parameters; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    return this.network.costs(features)
  }

  /**
   * One Adam update per minibatch (lines 15 and 37).
   * @param scaleMs ms per unit of scaled cost
   * @returns prediction − target, scaled, for new priorities: one [batch] per sample
   */
  update(samples: readonly Sample[], scaleMs: number): Float32Array[] {
    const errors = this.network.train(
      samples.flatMap(({ experiences, weights }) =>
        experiences.map(({ features, decision, cost }, row) => ({
          features,
          decision,
          targets: [scaledCost(cost, scaleMs, this.hyperparameters)],
          weight: weights[row] as number,
        })),
      ),
    )
    const { batchSize } = this.hyperparameters
    return samples.map((_, i) => errors.subarray(i * batchSize, (i + 1) * batchSize))
  }

  save(): NetworkState {
    return this.network.save()
  }

  restore(state: NetworkState): void {
    this.network.restore(state)
  }
}
