/**
 * A wide-and-deep network from (state, joint decision) to cost, in scaled units: the head shared by Q and System.
 * It is action-encoded: joint decisions enter as one-hot choices, so what is learned of one generalises to the others.
 */
import type { Random } from '../../random.ts'
import type { Problem } from '../environment/environment.ts'
import type { Batches, Engine, NetworkState, TrainableNetwork, TrainingOptions } from './engine.ts'
import { encodeInput, initialParameters, inputSize, type NetworkShape } from './network.ts'

/** One row to learn from. */
export interface Row {
  /** [stateSize] */
  readonly features: Float32Array
  /** [devices] */
  readonly decision: readonly number[]
  /** [outputs] */
  readonly targets: ArrayLike<number>
  /** Weight in the loss. */
  readonly weight: number
}

export function networkShape(problem: Problem, hidden: number, outputs: number): NetworkShape {
  const { devices, choices, stateSize } = problem
  return { devices, choices: choices.length, stateSize, hidden, outputs }
}

/** @param rows minibatch after minibatch, `batchSize` rows each [updates × batchSize] */
export function encodeBatches(
  shape: NetworkShape,
  batchSize: number,
  rows: readonly Row[],
): Batches {
  const inputs = new Float32Array(rows.length * inputSize(shape))
  const targets = new Float32Array(rows.length * shape.outputs)
  const weights = new Float32Array(rows.length)
  for (const [index, row] of rows.entries()) {
    encodeInput(shape, row.features, row.decision, inputs, index)
    targets.set(row.targets, index * shape.outputs)
    weights[index] = row.weight
  }
  return { updates: rows.length / batchSize, inputs, targets, weights }
}

export class CostNetwork {
  private readonly network: TrainableNetwork
  private readonly batchSize: number
  /** The state last scored, while its scores still hold. */
  private scored: { features: Float32Array; costs: Float32Array } | undefined

  /** @param initialCost mean of the untrained network, in scaled units */
  constructor(
    shape: NetworkShape,
    engine: Engine,
    options: TrainingOptions,
    initialCost: number,
    random: Random,
  ) {
    this.batchSize = options.batchSize
    this.network = engine.create(shape, options, initialParameters(shape, random, initialCost))
  }

  /** Scaled cost of every joint decision in this state; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    if (!this.scored || !equal(this.scored.features, features)) {
      this.scored = { features: features.slice(), costs: this.network.scoreAll(features) }
    }
    return this.scored.costs
  }

  /** Scaled cost of one decision. */
  cost(features: Float32Array, decision: readonly number[]): number {
    return this.network.predict(features, decision)[0]
  }

  /**
   * One update per `batchSize` rows; each row's target is one scaled cost.
   * @returns prediction − target of every row, before its update [rows]
   */
  train(rows: readonly Row[]): Float32Array {
    this.scored = undefined
    return this.network.train(encodeBatches(this.network.shape, this.batchSize, rows))
  }

  save(): NetworkState {
    return this.network.save()
  }

  restore(state: NetworkState): void {
    this.scored = undefined
    this.network.restore(state)
  }
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
