/**
 * A network from state to the cost of every joint decision, in scaled units: the usual deep Q-network, one output each. Nothing
 * that it learns of one decision says anything of another but through the shared hidden layer, which sees the state alone.
 */
import { Random } from '../../random.ts'
import type { Problem } from '../environment/environment.ts'
import { indexOf, jointDecisionCount } from '../environment/feasible.ts'
import { adamRates } from './adam.ts'
import type { Row } from './cost-network.ts'
import { checkSize, type NetworkState, type TrainingOptions } from './engine.ts'
import {
  adamStep,
  JointHeadRows,
  type JointHeadRowsState,
  type Moments,
  newMoments,
} from './joint-head-rows.ts'

export interface JointHeadOptions {
  /** Units of the hidden ReLU layer. */
  readonly hidden: number
  /** Every output before it is learned, in scaled cost. */
  readonly startCost: number
}

/** The flat arrays are the hidden layer's: [stateSize + 1, hidden], the biases last. */
export interface JointHeadState extends NetworkState {
  readonly rows: JointHeadRowsState
  /** Of the start values. */
  readonly startSeed: number
}

/** Standard deviation of the start values, in scaled cost: without, ties would be broken by index, most accurate first. */
const START_DEVIATION = 0.01

export class JointHead {
  private readonly problem: Problem
  private readonly training: TrainingOptions
  private readonly options: JointHeadOptions
  private readonly scores: Float32Array
  private startSeed: number
  private trunk: Moments
  private rows: JointHeadRows
  private updates = 0

  /** @throws ConfigError when there are too many joint decisions */
  constructor(
    problem: Problem,
    training: TrainingOptions,
    options: JointHeadOptions,
    random: Random,
  ) {
    this.problem = problem
    this.training = training
    this.options = options
    this.scores = new Float32Array(jointDecisionCount(problem))
    const inputs = problem.stateSize + 1
    const scale = Math.sqrt(2 / inputs)
    const weights = Float32Array.from(
      { length: inputs * options.hidden },
      () => scale * random.normal(),
    )
    this.trunk = newMoments(weights)
    this.startSeed = random.integer(2 ** 32)
    this.rows = this.newRows()
  }

  /** Scaled cost of every joint decision in this state, by the averaged parameters; overwritten by the next call. [choices^devices] */
  costs(features: Float32Array): Float32Array {
    this.rows.score(this.unitsOf(this.trunk.average, features), this.updates, this.scores)
    return this.scores
  }

  /**
   * One update per `batchSize` rows; each row's target is one scaled cost.
   * @returns prediction − target of every row, before its update [rows]
   */
  train(rows: readonly Row[]): Float32Array {
    const { batchSize } = this.training
    const errors = new Float32Array(rows.length)
    for (let start = 0; start < rows.length; start += batchSize) {
      errors.set(this.update(rows.slice(start, start + batchSize)), start)
    }
    return errors
  }

  save(): JointHeadState {
    const { values, firstMoment, secondMoment, average } = this.trunk
    return {
      parameters: values.slice(),
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
      average: average.slice(),
      updates: this.updates,
      rows: this.rows.save(),
      startSeed: this.startSeed,
    }
  }

  /** @throws InvalidInputError if a head with another number of hidden units saved it */
  restore(state: JointHeadState): void {
    checkSize(state, this.trunk.values.length)
    this.trunk = {
      values: state.parameters.slice(),
      firstMoment: state.firstMoment.slice(),
      secondMoment: state.secondMoment.slice(),
      average: state.average.slice(),
    }
    this.updates = state.updates
    if (state.startSeed !== this.startSeed) {
      this.startSeed = state.startSeed
      this.rows = this.newRows()
    }
    this.rows.restore(state.rows)
  }

  private newRows(): JointHeadRows {
    const random = new Random(this.startSeed)
    const { hidden, startCost } = this.options
    const startBias = Float32Array.from(
      this.scores,
      () => startCost + START_DEVIATION * random.normal(),
    )
    return new JointHeadRows(hidden, this.training, startBias)
  }

  /** @param rows one minibatch. @returns errors [batch] */
  private update(rows: readonly Row[]): Float32Array {
    const { averageDecay } = this.training
    const trunkGradient = new Float32Array(this.trunk.values.length)
    const rowGradients = new Map<number, Float32Array>()
    const errors = Float32Array.from(rows, (row) =>
      this.addGradient(row, rows.length, trunkGradient, rowGradients),
    )
    this.updates += 1
    const { trunk, updates } = this
    adamStep(trunk, 0, trunkGradient, this.training, adamRates(this.training, updates))
    for (const [i, value] of trunk.values.entries()) {
      trunk.average[i] = averageDecay * trunk.average[i] + (1 - averageDecay) * value
    }
    this.rows.update(rowGradients, updates)
    return errors
  }

  /** Adds one row's part of the gradient of the mean loss. @returns prediction − target */
  private addGradient(
    { features, decision, targets, weight }: Row,
    batch: number,
    trunkGradient: Float32Array,
    rowGradients: Map<number, Float32Array>,
  ): number {
    const { hidden } = this.options
    const { huberDelta } = this.training
    const action = indexOf(decision, this.problem)
    const units = this.unitsOf(this.trunk.values, features)
    const error = this.rows.value(action, units) - targets[0]
    const slope = (weight / batch) * Math.max(-huberDelta, Math.min(huberDelta, error))
    const gradient = rowGradients.get(action) ?? new Float32Array(hidden + 1)
    rowGradients.set(action, gradient)
    gradient[hidden] = gradient[hidden] + slope
    const weights = this.rows.weights(action)
    for (let h = 0; h < hidden; h++) {
      const unit = units[h]
      if (unit === 0) continue
      gradient[h] = gradient[h] + slope * unit
      const unitSlope = slope * weights[h]
      for (let i = 0; i <= features.length; i++) {
        const index = i * hidden + h
        const input = i < features.length ? features[i] : 1
        trunkGradient[index] = trunkGradient[index] + unitSlope * input
      }
    }
    return error
  }

  /** Activations. @param weights [stateSize + 1, hidden]. @returns [hidden] */
  private unitsOf(weights: Float32Array, features: Float32Array): Float32Array {
    const { hidden } = this.options
    const units = weights.slice(features.length * hidden)
    for (const [i, x] of features.entries()) {
      if (x === 0) continue
      for (let h = 0; h < hidden; h++) {
        units[h] = units[h] + x * weights[i * hidden + h]
      }
    }
    return units.map((unit) => Math.max(0, unit))
  }
}
