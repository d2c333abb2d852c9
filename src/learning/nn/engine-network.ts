/** A network on any engine: what they share beside the arithmetic. */
import { adamRates } from './adam.ts'
import {
  type Batches,
  checkSize,
  type NetworkState,
  type TrainableNetwork,
  type TrainingOptions,
} from './engine.ts'
import {
  encodeInput,
  forward,
  inputSize,
  type NetworkShape,
  type ParameterViews,
  parameterViews,
} from './network.ts'
import { mapVectors, type Training, VECTORS } from './training.ts'

/**
 * Fills `scores` with the output of every joint decision, of a network of one output.
 * @param features [stateSize]
 * @param scores [choices^devices]
 */
export type ScoreAll = (views: ParameterViews, features: Float32Array, scores: Float32Array) => void

export class EngineNetwork implements TrainableNetwork {
  readonly shape: NetworkShape
  private readonly options: TrainingOptions
  private readonly training: Training<'inputs' | 'targets' | 'weights'>
  private readonly score: ScoreAll
  private readonly scores: Float32Array
  private updates = 0
  private viewed: { average: Float32Array; views: ParameterViews } | undefined

  constructor(
    shape: NetworkShape,
    options: TrainingOptions,
    training: Training<'inputs' | 'targets' | 'weights'>,
    score: ScoreAll,
  ) {
    this.shape = shape
    this.options = options
    this.training = training
    this.score = score
    this.scores = new Float32Array(shape.outputs === 1 ? shape.choices ** shape.devices : 0)
  }

  train({ updates, ...batches }: Batches): Float32Array {
    const { learningRate, learningRateHalfLife, weightDecay, weightDecayHalfLife } = this.options
    const rates = new Float32Array(updates * 3)
    for (let update = 0; update < updates; update++) {
      const before = this.updates + update
      const rate = learningRate / (1 + before / learningRateHalfLife)
      const decay = weightDecay / (1 + before / weightDecayHalfLife)
      rates.set(adamRates(before + 1, rate, decay), update * 3)
    }
    this.updates += updates
    return this.training.run(rates, batches)
  }

  scoreAll(features: Float32Array): Float32Array {
    this.score(this.averageViews(), features, this.scores)
    return this.scores
  }

  predict(features: Float32Array, decision: readonly number[]): Float32Array {
    const input = new Float32Array(inputSize(this.shape))
    encodeInput(this.shape, features, decision, input, 0)
    return forward(this.shape, this.averageViews(), input)
  }

  save(): NetworkState {
    const copies = mapVectors((name) => this.training.vectors[name].slice())
    return { ...copies, updates: this.updates }
  }

  restore(state: NetworkState): void {
    const { vectors } = this.training
    checkSize(state, vectors.parameters.length)
    for (const name of VECTORS) vectors[name].set(state[name])
    this.updates = state.updates
  }

  /** Made anew only where the average has moved to another array. */
  private averageViews(): ParameterViews {
    const { average } = this.training.vectors
    if (average !== this.viewed?.average) {
      this.viewed = { average, views: parameterViews(this.shape, average) }
    }
    return this.viewed.views
  }
}
