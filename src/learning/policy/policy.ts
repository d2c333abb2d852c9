/**
 * The Policy Model of Figure 2: Q(s, a; θ_Q), the expected cost of taking joint decision a in state s and the best ones after
 * (minimised). Values are Q · (1 − γ), discounted averages of cost: the same argmin, and one scale for every γ.
 */
import { InvalidInputError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { CostNetwork, networkShape, type Row } from '../nn/cost-network.ts'
import { costTrainingOptions, scaledCost } from '../nn/cost-scale.ts'
import type { Engine, NetworkState } from '../nn/engine.ts'
import { JointHead, type JointHeadState } from '../nn/joint-head.ts'
import type { Sample } from '../replay/experience.ts'

export const HEADS = ['encoded', 'joint'] as const

/** How Q has one value per joint decision: choices are inputs, or every joint decision is an output. */
export type Head = (typeof HEADS)[number]

/** Of the head that saved it. */
export type PolicyState = NetworkState & Partial<JointHeadState>

/** What both heads are. */
interface Network {
  costs(features: Float32Array): Float32Array
  train(rows: readonly Row[]): Float32Array
  save(): PolicyState
  restore(state: PolicyState): void
}

export class Policy {
  private readonly network: Network
  private readonly hyperparameters: Hyperparameters

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    this.hyperparameters = hyperparameters
    const { hidden, joint, scaledMean, policyAverageDecay } = hyperparameters
    const training = costTrainingOptions(hyperparameters, policyAverageDecay)
    this.network = joint.used
      ? new JointHead(problem, { ...training, learningRate: joint.learningRate }, joint, random)
      : new CostNetwork(networkShape(problem, hidden, 1), engine, training, scaledMean, random)
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
          weight: weights[row],
        })),
      ),
    )
    const { batchSize } = this.hyperparameters
    return samples.map((_, i) => errors.subarray(i * batchSize, (i + 1) * batchSize))
  }

  save(): PolicyState {
    return this.network.save()
  }

  /** @throws InvalidInputError if the other head saved it */
  restore(state: PolicyState): void {
    if ((state.rows !== undefined) !== this.hyperparameters.joint.used) {
      throw new InvalidInputError(
        'cannot restore: saved with the other head: use the same --head, or start without the checkpoint',
      )
    }
    this.network.restore(state)
  }
}
