/**
 * A wide-and-deep network in training, from (state, joint decision) to its outputs. Joint decisions enter as one-hot choices, so
 * what is learned of one generalises to the others.
 */
import { InvalidInputError } from '../../errors.ts'
import type { Engine, ScoreAll } from './engine.ts'
import {
  encodeInput,
  forward,
  inputSize,
  type NetworkShape,
  type ParameterViews,
  parameterViews,
} from './network.ts'
import {
  type NetworkInput,
  networkLoss,
  networkOptimiser,
  type TrainingOptions,
  trainingRates,
} from './network-loss.ts'
import { type Feeds, mapVectors, type Training, VECTORS, type Vectors } from './training.ts'

/** One row to learn from. */
export interface Row {
  /** [stateSize] */
  readonly features: Float32Array
  /** [devices] */
  readonly decision: readonly number[]
  /** [outputs] */
  readonly targets: ArrayLike<number>
  /** Weight in the loss (importance sampling; 1 when uniform). */
  readonly weight: number
}

/** Everything a network is, for a checkpoint. */
export interface NetworkState extends Readonly<Vectors> {
  /** Gradient updates so far. */
  readonly updates: number
}

/** Learns by its parameters; answers by their moving average, which is steadier. */
export class WideAndDeepNetwork {
  private readonly shape: NetworkShape
  private readonly options: TrainingOptions
  private readonly training: Training<NetworkInput>
  private readonly score: ScoreAll | undefined
  private readonly scores: Float32Array
  private updates = 0
  /** Of the averaged parameters as they are now. */
  private views: ParameterViews
  /** The state last scored, while its scores still hold. */
  private scored: Float32Array | undefined

  /** @param parameters initial ones; copied [parameters] */
  constructor(
    shape: NetworkShape,
    engine: Engine,
    options: TrainingOptions,
    parameters: Float32Array,
  ) {
    this.shape = shape
    this.options = options
    const loss = networkLoss(shape, options)
    this.training = engine.training(loss, networkOptimiser(shape, options), parameters)
    const isScored = shape.outputs === 1
    if (isScored) this.score = engine.scoring(shape)
    this.scores = new Float32Array(isScored ? shape.choices ** shape.devices : 0)
    this.views = parameterViews(shape, this.training.vectors.average)
  }

  /**
   * One update per `batchSize` rows, in order.
   * @returns prediction − target of every row, before its update [rows, outputs]
   */
  train(rows: readonly Row[]): Float32Array {
    const updates = rows.length / this.options.batchSize
    const rates = trainingRates(this.options, this.updates, updates)
    const errors = this.training.run(rates, encodeRows(this.shape, rows))
    this.updates += updates
    this.refresh()
    return errors
  }

  /**
   * The output for every joint decision in one state, by the averaged parameters, of a network of one output.
   * @param features [stateSize]
   * @returns overwritten by the next call [choices^devices]
   */
  scoreAll(features: Float32Array): Float32Array {
    if (!this.scored || !equal(this.scored, features)) {
      this.score?.(this.views, features, this.scores)
      this.scored = features.slice()
    }
    return this.scores
  }

  /** The outputs for one decision, by the averaged parameters. [outputs] */
  predict(features: Float32Array, decision: readonly number[]): Float32Array {
    const input = new Float32Array(inputSize(this.shape))
    encodeInput(this.shape, features, decision, input, 0)
    return forward(this.shape, this.views, input)
  }

  /** A copy of all there is. */
  save(): NetworkState {
    const copies = mapVectors((name) => this.training.vectors[name].slice())
    return { ...copies, updates: this.updates }
  }

  /** @throws InvalidInputError if not so many parameters were saved */
  restore(state: NetworkState): void {
    const { vectors } = this.training
    const [saved, expected] = [state.parameters.length, vectors.parameters.length]
    if (saved !== expected) {
      throw new InvalidInputError(
        `cannot restore: saved by a network of ${saved} parameters, but this one has ${expected}: use the same number of hidden units, or start without the checkpoint`,
      )
    }
    for (const name of VECTORS) vectors[name].set(state[name])
    this.updates = state.updates
    this.refresh()
  }

  private refresh(): void {
    this.views = parameterViews(this.shape, this.training.vectors.average)
    this.scored = undefined
  }
}

/** Rows as minibatches, one after the other. */
export function encodeRows(shape: NetworkShape, rows: readonly Row[]): Feeds<NetworkInput> {
  const inputs = new Float32Array(rows.length * inputSize(shape))
  const targets = new Float32Array(rows.length * shape.outputs)
  const weights = new Float32Array(rows.length)
  for (const [index, row] of rows.entries()) {
    encodeInput(shape, row.features, row.decision, inputs, index)
    targets.set(row.targets, index * shape.outputs)
    weights[index] = row.weight
  }
  return { inputs, targets, weights }
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
