/**
 * The System Model of Figure 2: System(s, a; θ_s) → average response time r and next state s'. It starts with no assumption
 * about the environment and is learned from real experience in D_world (HL paper, section III, phase 2).
 */
import type { Random } from '../../random.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { costTrainingOptions, scaledCost } from '../nn/cost-scale.ts'
import type { Engine } from '../nn/engine.ts'
import { initialParameters, networkShape } from '../nn/network.ts'
import { type NetworkState, WideAndDeepNetwork } from '../nn/wide-and-deep.ts'
import type { Experience } from '../replay/experience.ts'

/** For a checkpoint. */
export interface SystemModelState {
  readonly cost: NetworkState
  readonly nextState: NetworkState | undefined
}

/** What the model expects of a decision. */
export interface Prediction {
  /** r, scaled. */
  readonly cost: number
  /** s' [stateSize] */
  readonly nextFeatures: Float32Array
}

/** System(s, a; θ_s): one network for r, and one for s′ where the problem has a state. */
export class SystemModel {
  private readonly hyperparameters: Hyperparameters
  private readonly costNetwork: WideAndDeepNetwork
  /** Logits of s'; absent when the problem has no state. */
  private readonly stateNetwork: WideAndDeepNetwork | undefined

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    this.hyperparameters = hyperparameters
    const { hidden, stateHidden, scaledMean, systemAverageDecay } = hyperparameters
    const options = costTrainingOptions(hyperparameters, systemAverageDecay)
    const shape = networkShape(problem, hidden, 1)
    const parameters = initialParameters(shape, random, scaledMean)
    this.costNetwork = new WideAndDeepNetwork(shape, engine, options, parameters)
    if (problem.stateSize > 0) {
      const shape = networkShape(problem, stateHidden, problem.stateSize)
      const parameters = initialParameters(shape, random, 0)
      const classified = { ...options, loss: 'cross-entropy' } as const
      this.stateNetwork = new WideAndDeepNetwork(shape, engine, classified, parameters)
    }
  }

  /** r of every joint decision in this state, scaled; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    return this.costNetwork.scoreAll(features)
  }

  predict(features: Float32Array, decision: readonly number[]): Prediction {
    return {
      cost: this.costNetwork.predict(features, decision)[0],
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
    this.stateNetwork.train(
      experiences.map(({ features, decision, nextFeatures }) => ({
        features,
        decision,
        targets: nextFeatures,
        weight: 1,
      })),
    )
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
