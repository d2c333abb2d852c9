/** The task that every engine is given: the value network of `hybrid` for five devices, on the same random minibatches. */

import { HYBRID } from '../src/learning/agents/hyperparameters.ts'
import { costTrainingOptions } from '../src/learning/nn/cost-scale.ts'
import type { Batches, TrainableNetwork, TrainingOptions } from '../src/learning/nn/engine.ts'
import {
  encodeInput,
  initialParameters,
  inputSize,
  type NetworkShape,
} from '../src/learning/nn/network.ts'
import { Random } from '../src/random.ts'

/** What is compared. */
export type Learner = Pick<TrainableNetwork, 'train' | 'scoreAll'>

/** Five devices, ten choices, scenario A's 21 state features. */
export const SHAPE: NetworkShape = {
  devices: 5,
  choices: 10,
  stateSize: 21,
  hidden: HYBRID.hidden,
  outputs: 1,
}

export const DECISIONS = SHAPE.choices ** SHAPE.devices

/** Of `hybrid`, but for a constant step size and weight decay: TensorFlow.js has no schedules. */
export const OPTIONS: TrainingOptions = {
  ...costTrainingOptions(HYBRID, HYBRID.policyAverageDecay),
  learningRateHalfLife: Number.POSITIVE_INFINITY,
  weightDecayHalfLife: Number.POSITIVE_INFINITY,
}

/** Minibatches of one session of updates, as `hybrid` has them. */
export const SESSION = HYBRID.planSessions

export const PARAMETERS = initialParameters(SHAPE, new Random(1), HYBRID.scaledMean)

export const FEATURES = Float32Array.from({ length: SHAPE.stateSize }, (_, i) => (i % 9) / 8)

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
