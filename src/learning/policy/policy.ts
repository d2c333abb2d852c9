/**
 * The Policy Model of Figure 2: Q(s, a; θ_Q), the expected cost of taking joint decision a in state s and the best ones after
 * (minimised). Values are Q · (1 − γ), discounted averages of cost: the same argmin, and one scale for every γ.
 */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { costTrainingOptions, scaledCost } from '../nn/cost-scale.ts'
import type { Engine } from '../nn/engine.ts'
import { initialParameters, networkShape } from '../nn/network.ts'
import { type NetworkState, WideAndDeepNetwork } from '../nn/wide-and-deep.ts'
import type { Sample } from '../replay/experience.ts'

/** Q. */
export class Policy {
  private readonly network: WideAndDeepNetwork
  private readonly hyperparameters: Hyperparameters

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    this.hyperparameters = hyperparameters
    const { hidden, scaledMean, policyAverageDecay } = hyperparameters
    const training = costTrainingOptions(hyperparameters, policyAverageDecay)
    const shape = networkShape(problem, hidden, 1)
    const parameters = initialParameters(shape, random, scaledMean)
    this.network = new WideAndDeepNetwork(shape, engine, training, parameters)
  }

  /** Q(s, ·), scaled, by the averaged parameters; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    return this.network.scoreAll(features)
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
          weight: weights[row],
        })),
      ),
    )
    const { batchSize } = this.hyperparameters
    return samples.map((_, i) => errors.subarray(i * batchSize, (i + 1) * batchSize))
  }

  save(): NetworkState {
    return this.network.save()
  }

  /** @throws InvalidInputError if a network of another size saved it */
  restore(state: NetworkState): void {
    this.network.restore(state)
  }
}
