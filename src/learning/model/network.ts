/**
 * The System Model of Figure 2: System(s, a; θ_s) → average response time r and next state s'. It starts with no assumption
 * about the environment and is learned from real experience in D_world (HL paper, section III, phase 2).
 */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { CostNetwork, encodeBatches, networkShape } from '../nn/cost-network.ts'
import { costTrainingOptions, scaledCost } from '../nn/cost-scale.ts'
import type { Engine, NetworkState, TrainableNetwork } from '../nn/engine.ts'
import { initialParameters } from '../nn/network.ts'
import type { Experience } from '../replay/experience.ts'

export interface SystemModelState {
  readonly cost: NetworkState
  readonly nextState: NetworkState | undefined
}

export interface Prediction {
  /** r, scaled. */
  readonly cost: number
  /** s' [stateSize] */
  readonly nextFeatures: Float32Array
}

export class SystemModel {
  private readonly hyperparameters: Hyperparameters
  private readonly costNetwork: CostNetwork
  /** Logits of s'; absent when the problem has no state. */
  private readonly stateNetwork: TrainableNetwork | undefined

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    this.hyperparameters = hyperparameters
    const { hidden, stateHidden, scaledMean, systemAverageDecay } = hyperparameters
    const options = costTrainingOptions(hyperparameters, systemAverageDecay)
    this.costNetwork = new CostNetwork(
      networkShape(problem, hidden, 1),
      engine,
      options,
      scaledMean,
      random,
    )
    if (problem.stateSize > 0) {
      const shape = networkShape(problem, stateHidden, problem.stateSize)
      this.stateNetwork = engine.create(
        shape,
        { ...options, loss: 'cross-entropy' },
        initialParameters(shape, random, 0),
      )
    }
  }

  /** r of every joint decision in this state, scaled; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    return this.costNetwork.costs(features)
  }

  predict(features: Float32Array, decision: readonly number[]): Prediction {
    return {
      cost: this.costNetwork.cost(features, decision),
      nextFeatures:
        this.stateNetwork?.predict(features, decision).map((logit) => 1 / (1 + Math.exp(-logit))) ??
        features,
    }
  }

  /**
   * One update of each network per `batchSize` experiences (line 20).
   * @param experiences minibatch after minibatch
   * @returns number of gradient updates
   */
  update(experiences: readonly Experience[], scaleMs: number): number {
    const { batchSize } = this.hyperparameters
    const updates = experiences.length / batchSize
    this.costNetwork.train(
      experiences.map(({ features, decision, cost }) => ({
        features,
        decision,
        targets: [scaledCost(cost, scaleMs, this.hyperparameters)],
        weight: 1,
      })),
    )
    if (!this.stateNetwork) return updates
    const rows = experiences.map(({ features, decision, nextFeatures }) => ({
      features,
      decision,
      targets: nextFeatures,
      weight: 1,
    }))
    this.stateNetwork.train(encodeBatches(this.stateNetwork.shape, batchSize, rows))
    return 2 * updates
  }

  save(): SystemModelState {
    return { cost: this.costNetwork.save(), nextState: this.stateNetwork?.save() }
  }

  restore(state: SystemModelState): void {
    this.costNetwork.restore(state.cost)
    if (state.nextState) this.stateNetwork?.restore(state.nextState)
  }
}
