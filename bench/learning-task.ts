/** The task that every engine is given: the value network of `hybrid` for five devices, on the same random minibatches. */

import { HYBRID } from '../src/learning/agents/hyperparameters.ts'
import { costTrainingOptions } from '../src/learning/nn/cost-scale.ts'
import type { Engine } from '../src/learning/nn/engine.ts'
import {
  encodeInput,
  initialParameters,
  inputSize,
  type NetworkShape,
  parameterViews,
} from '../src/learning/nn/network.ts'
import {
  type NetworkInput,
  networkLoss,
  networkOptimiser,
  type TrainingOptions,
  trainingRates,
} from '../src/learning/nn/network-loss.ts'
import type { Feeds } from '../src/learning/nn/training.ts'
import { Random } from '../src/random.ts'

/** Minibatches of consecutive updates. */
export interface Batches extends Feeds<NetworkInput> {
  readonly updates: number
}

/** What is compared. */
export interface TrainingStack {
  /** @returns prediction − target of every row, before its update [updates, batch] */
  train(batches: Batches): Float32Array
  /** The score of every joint decision; may be overwritten by the next call. [choices^devices] */
  scoreAll(features: Float32Array): Float32Array
}

/** Five devices, ten choices, scenario A's 21 state features. */
export const SHAPE: NetworkShape = {
  devices: 5,
  choices: 10,
  stateSize: 21,
  hidden: HYBRID.hidden,
  outputs: 1,
}

/** How many joint decisions there are. */
export const DECISIONS = SHAPE.choices ** SHAPE.devices

/** Of `hybrid`, but for a constant step size and weight decay: TensorFlow.js has no schedules. */
export const OPTIONS: TrainingOptions = {
  ...costTrainingOptions(HYBRID, HYBRID.policyAverageDecay),
  learningRateHalfLife: Number.POSITIVE_INFINITY,
  weightDecayHalfLife: Number.POSITIVE_INFINITY,
}

/** Minibatches of one session of updates, as `hybrid` has them. */
export const SESSION = HYBRID.planSessions

/** That every engine starts from. */
export const PARAMETERS = initialParameters(SHAPE, new Random(1), HYBRID.scaledMean)

/** One state. Shape [stateSize] */
export const FEATURES = Float32Array.from({ length: SHAPE.stateSize }, (_, i) => (i % 9) / 8)

/** The network on an engine of ours. */
export function learnerOn(engine: Engine): TrainingStack & { average(): Float32Array } {
  const optimiser = networkOptimiser(SHAPE, OPTIONS)
  const training = engine.training(networkLoss(SHAPE, OPTIONS), optimiser, PARAMETERS)
  const score = engine.scoring(SHAPE)
  const scores = new Float32Array(DECISIONS)
  let before = 0
  return {
    train: ({ updates, ...feeds }) => {
      const rates = trainingRates(OPTIONS, before, updates)
      before += updates
      return training.run(rates, feeds)
    },
    scoreAll: (features) => {
      score(parameterViews(SHAPE, training.vectors.average), features, scores)
      return scores
    },
    average: () => training.vectors.average.slice(),
  }
}

/** Random decisions in random states; costs linear in the choices, with noise and some outliers beyond the Huber loss's bend. */
export function randomBatches(updates: number, random: Random): Batches {
  const rows = updates * OPTIONS.batchSize
  const inputs = new Float32Array(rows * inputSize(SHAPE))
  const targets = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const features = FEATURES.map(() => random.uniform())
    const decision = Array.from({ length: SHAPE.devices }, () => random.integer(SHAPE.choices))
    encodeInput(SHAPE, features, decision, inputs, row)
    const mean = decision.reduce((sum, choice) => sum + choice, 0) / SHAPE.devices
    targets[row] = 4 + mean + random.normal()
  }
  return { updates, inputs, targets, weights: new Float32Array(rows).fill(1) }
}

/** Some of the minibatches, in order. */
export function slice(batches: Batches, first: number, updates: number): Batches {
  const rows = [first * OPTIONS.batchSize, (first + updates) * OPTIONS.batchSize] as const
  const width = inputSize(SHAPE)
  return {
    updates,
    inputs: batches.inputs.subarray(rows[0] * width, rows[1] * width),
    targets: batches.targets.subarray(...rows),
    weights: batches.weights.subarray(...rows),
  }
}
