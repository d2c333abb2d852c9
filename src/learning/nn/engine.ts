/** What runs the networks: ONNX Runtime, or plain TypeScript as its oracle and its fallback. */
import { InvalidInputError } from '../../errors.ts'
import type { NetworkShape } from './network.ts'

export interface TrainingOptions {
  /** `huber`: regression; `cross-entropy`: every output is the logit of a value in [0, 1]. */
  readonly loss: 'huber' | 'cross-entropy'
  /** Errors beyond this count linearly, so that an outlier moves little. In units of the target; not used by `cross-entropy`. */
  readonly huberDelta: number
  /** Of Adam, before it falls. */
  readonly learningRate: number
  /** The step size is `learningRate / (1 + t / learningRateHalfLife)` at update t. */
  readonly learningRateHalfLife: number
  /** Decoupled (AdamW), times the step size, on the weights of the deep path only. */
  readonly weightDecay: number
  /** The weight decay, as a prior, fades with what has been learned: `weightDecay / (1 + t / weightDecayHalfLife)` at update t. */
  readonly weightDecayHalfLife: number
  /** Share of the old value in the exponential moving average of the parameters, per update. */
  readonly averageDecay: number
  /** Rows of one minibatch. */
  readonly batchSize: number
}

/** Minibatches for several consecutive gradient updates. */
export interface Batches {
  readonly updates: number
  /** [updates, batch, inputs] */
  readonly inputs: Float32Array
  /** [updates, batch, outputs] */
  readonly targets: Float32Array
  /** Weight of each row in the loss (importance sampling; 1 when uniform). [updates, batch] */
  readonly weights: Float32Array
}

/** Everything a network is, for a checkpoint. Each array is flat: [parameters]. */
export interface NetworkState {
  readonly parameters: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
  /** Exponential moving average of the parameters. */
  readonly average: Float32Array
  /** Gradient updates so far. */
  readonly updates: number
}

export interface TrainableNetwork {
  readonly shape: NetworkShape
  /**
   * One Adam update per minibatch, in order.
   * @returns prediction − target of every row, before its update. [updates, batch, outputs]
   */
  train(batches: Batches): Float32Array
  /**
   * The output for every joint decision in one state, by the averaged parameters; the network must have one output.
   * Joint decisions in mixed radix, device 0 most significant. The array is overwritten by the next call.
   * @returns [choices^devices]
   */
  scoreAll(features: Float32Array): Float32Array
  /** The outputs for one decision, by the averaged parameters. [outputs] */
  predict(features: Float32Array, decision: readonly number[]): Float32Array
  /** A copy of all there is. */
  save(): NetworkState
  /** @throws InvalidInputError if a network of another shape saved it */
  restore(state: NetworkState): void
}

/** @throws InvalidInputError if not so many parameters were saved */
export function checkSize({ parameters }: NetworkState, expected: number): void {
  if (parameters.length === expected) return
  throw new InvalidInputError(
    `cannot restore: saved by a network of ${parameters.length} parameters, but this one has ${expected}: use the same number of hidden units, or start without the checkpoint`,
  )
}

export interface Engine {
  readonly name: string
  /** @param parameters initial parameters [parameters] */
  create(shape: NetworkShape, options: TrainingOptions, parameters: Float32Array): TrainableNetwork
}
