/** The engine on ONNX Runtime: parameters stay in preallocated tensors, a whole session of updates is one call. */
import { adamRates } from './adam.ts'
import {
  type Batches,
  checkSize,
  type Engine,
  type NetworkState,
  type TrainableNetwork,
  type TrainingOptions,
} from './engine.ts'
import { inputSize, type NetworkShape, parameterViews } from './network.ts'
import {
  loadOnnxRuntime,
  type OnnxRuntime,
  type SynchronousSession,
  type Tensors,
} from './onnx-runtime.ts'
import { scoringGraph } from './onnx-scoring-graph.ts'
import { TRAINED_VECTORS, trainingGraph } from './onnx-training-graph.ts'
import { prefixDevices, stateSums } from './partial-sums.ts'
import { predict } from './reference-engine.ts'

/** @returns undefined where ONNX Runtime cannot be loaded; `referenceEngine` then does the same work, slower */
export function createOnnxEngine(): Engine | undefined {
  const runtime = loadOnnxRuntime()
  if (!runtime) return undefined
  return {
    name: 'onnx',
    create: (shape, options, parameters) => new OnnxNetwork(runtime, shape, options, parameters),
  }
}

type TrainedVectors = Record<(typeof TRAINED_VECTORS)[number], Float32Array>

class OnnxNetwork implements TrainableNetwork {
  readonly shape: NetworkShape
  private readonly runtime: OnnxRuntime
  private readonly options: TrainingOptions
  private readonly training: SynchronousSession
  private readonly scoring: SynchronousSession | undefined
  private readonly scores: Float32Array
  /** ONNX Runtime reads the one and writes the other; after each call they change places. */
  private current: TrainedVectors
  private next: TrainedVectors
  private updates = 0

  constructor(
    runtime: OnnxRuntime,
    shape: NetworkShape,
    options: TrainingOptions,
    parameters: Float32Array,
  ) {
    this.runtime = runtime
    this.shape = shape
    this.options = options
    this.training = runtime.load(trainingGraph(shape, options))
    this.scores = new Float32Array(shape.outputs === 1 ? shape.choices ** shape.devices : 0)
    if (shape.outputs === 1) this.scoring = runtime.load(scoringGraph(shape))
    const empty = () => new Float32Array(parameters.length)
    this.current = {
      parameters: parameters.slice(),
      firstMoment: empty(),
      secondMoment: empty(),
      average: parameters.slice(),
    }
    this.next = {
      parameters: empty(),
      firstMoment: empty(),
      secondMoment: empty(),
      average: empty(),
    }
  }

  train({ updates, inputs, targets, weights }: Batches): Float32Array {
    const { outputs } = this.shape
    const { batchSize } = this.options
    const rates = new Float32Array(updates * 3)
    for (let update = 0; update < updates; update++) {
      rates.set(adamRates(this.options, this.updates + update + 1), update * 3)
    }
    const errors = new Float32Array(targets.length)
    const feeds: Tensors = {
      inputs: this.tensor(inputs, [updates, batchSize, inputSize(this.shape)]),
      targets: this.tensor(targets, [updates, batchSize, outputs]),
      weights: this.tensor(weights, [updates, batchSize, 1]),
      rates: this.tensor(rates, [updates, 3]),
    }
    const fetches: Tensors = { errors: this.tensor(errors, [updates, batchSize, outputs]) }
    for (const name of TRAINED_VECTORS) {
      feeds[name] = this.tensor(this.current[name], [this.current[name].length])
      fetches[`${name}Out`] = this.tensor(this.next[name], [this.next[name].length])
    }
    this.training.run(feeds, fetches)
    ;[this.current, this.next] = [this.next, this.current]
    this.updates += updates
    return errors
  }

  scoreAll(features: Float32Array): Float32Array {
    const { shape } = this
    const { choices, devices, hidden } = shape
    const views = parameterViews(shape, this.current.average)
    const state = stateSums(shape, views, features)
    const prefixes = choices ** prefixDevices(shape)
    this.scoring?.run(
      {
        stateHidden: this.tensor(state.hidden, [1, hidden]),
        stateSkip: this.tensor(state.skip, [1, 1]),
        hiddenWeights: this.tensor(views.hiddenWeights, [inputSize(shape), hidden]),
        skipWeights: this.tensor(views.skipWeights, [inputSize(shape), 1]),
        outputWeights: this.tensor(views.outputWeights, [hidden, 1]),
      },
      { scores: this.tensor(this.scores, [prefixes, 1, choices ** devices / prefixes]) },
    )
    return this.scores
  }

  predict(features: Float32Array, decision: readonly number[]): Float32Array {
    return predict(this.shape, parameterViews(this.shape, this.current.average), features, decision)
  }

  save(): NetworkState {
    const { parameters, firstMoment, secondMoment, average } = this.current
    return {
      parameters: parameters.slice(),
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
      average: average.slice(),
      updates: this.updates,
    }
  }

  restore(state: NetworkState): void {
    checkSize(state, this.current.parameters.length)
    for (const name of TRAINED_VECTORS) this.current[name].set(state[name])
    this.updates = state.updates
  }

  private tensor(data: Float32Array, dimensions: number[]) {
    return new this.runtime.Tensor('float32', data, dimensions)
  }
}
