/**
 * The same network on TensorFlow.js, written as its users write it: variables, automatic gradients, its own Adam. Its
 * WebAssembly backend (XNNPACK, SIMD) is the fastest one that runs in Node.js without a native build; there it has one thread.
 */

import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'
// For its side effect: it registers the gradients, which the core leaves out.
import '@tensorflow/tfjs-layers'
import { ADAM } from '../src/learning/nn/adam.ts'
import {
  inputSize,
  type NetworkShape,
  type ParameterViews,
  parameterViews,
} from '../src/learning/nn/network.ts'
import type { TrainingOptions } from '../src/learning/nn/network-loss.ts'
import { partialSums } from '../src/learning/nn/partial-sums.ts'
import type { Batches, TrainingStack } from './learning-task.ts'

const VECTORS = [
  'hiddenWeights',
  'hiddenBias',
  'outputWeights',
  'skipWeights',
  'outputBias',
] as const
type Variables = Record<(typeof VECTORS)[number], tf.Variable>

/** The weights of the deep path, as in `networkOptimiser`. */
const DECAYED = ['hiddenWeights', 'outputWeights'] as const

/** @throws Error where its WebAssembly backend or SIMD is missing */
export async function createTensorFlowNetwork(
  shape: NetworkShape,
  options: TrainingOptions,
  parameters: Float32Array,
): Promise<TrainingStack> {
  tf.enableProdMode()
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js has no wasm backend here')
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('no SIMD in wasm here')
  return new TensorFlowNetwork(shape, options, parameters)
}

class TensorFlowNetwork implements TrainingStack {
  private readonly shape: NetworkShape
  private readonly options: TrainingOptions
  private readonly variables: Variables
  private readonly average: Variables
  private readonly adam: tf.AdamOptimizer

  constructor(shape: NetworkShape, options: TrainingOptions, parameters: Float32Array) {
    this.shape = shape
    this.options = options
    this.variables = variablesOf(shape, parameters)
    this.average = variablesOf(shape, parameters)
    this.adam = tf.train.adam(options.learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon)
  }

  train({ updates, inputs, targets, weights }: Batches): Float32Array {
    const { batchSize } = this.options
    const errors = new Float32Array(targets.length)
    for (let update = 0; update < updates; update++) {
      const column = (array: Float32Array) =>
        tf.tensor2d(array.subarray(update * batchSize, (update + 1) * batchSize), [batchSize, 1])
      const width = inputSize(this.shape)
      const rows = inputs.subarray(update * batchSize * width, (update + 1) * batchSize * width)
      const error = tf.tidy(() =>
        this.update(tf.tensor2d(rows, [batchSize, width]), column(targets), column(weights)),
      )
      errors.set(error.dataSync(), update * batchSize)
      error.dispose()
    }
    return errors
  }

  /** Adam with decoupled weight decay, then the moving average. @returns prediction − target [batch, 1] */
  private update(x: tf.Tensor2D, target: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor {
    const { learningRate, weightDecay, averageDecay, huberDelta, batchSize } = this.options
    const { hiddenWeights, hiddenBias, outputWeights, skipWeights, outputBias } = this.variables
    let errors: tf.Tensor | undefined
    const { grads } = tf.variableGrads(() => {
      const units = tf.relu(tf.add(tf.matMul(x, hiddenWeights), hiddenBias))
      const linear = tf.add(tf.matMul(x, skipWeights), outputBias)
      const error = tf.sub(tf.add(tf.matMul(units, outputWeights), linear), target)
      errors = tf.keep(error)
      const magnitude = tf.abs(error)
      const quadratic = tf.minimum(magnitude, huberDelta)
      const huber = tf.mul(quadratic, tf.sub(magnitude, tf.mul(quadratic, 0.5)))
      return tf.div(tf.sum(tf.mul(weight, huber)), batchSize)
    }, Object.values(this.variables))
    for (const name of DECAYED) {
      const variable = this.variables[name]
      variable.assign(tf.mul(variable, 1 - learningRate * weightDecay))
    }
    this.adam.applyGradients(grads as Record<string, tf.Variable>)
    for (const name of VECTORS) {
      const fresh = tf.mul(this.variables[name], 1 - averageDecay)
      this.average[name].assign(tf.add(tf.mul(this.average[name], averageDecay), fresh))
    }
    return errors as tf.Tensor
  }

  /** By the same partial sums; one block of suffixes after the other was the fastest of the forms tried. */
  scoreAll(features: Float32Array): Float32Array {
    const { average, shape } = this
    const views = Object.fromEntries(
      VECTORS.map((name) => [name, average[name].dataSync()]),
    ) as unknown as ParameterViews
    const sums = partialSums(shape, views, features)
    const suffixes = sums.suffixSkip.length
    const scores = new Float32Array(sums.prefixSkip.length * suffixes)
    tf.tidy(() => {
      const suffixHidden = tf.tensor2d(sums.suffixHidden, [suffixes, shape.hidden])
      const suffixSkip = tf.tensor2d(sums.suffixSkip, [suffixes, 1])
      for (const [prefix, skip] of sums.prefixSkip.entries()) {
        const start = prefix * shape.hidden
        const row = sums.prefixHidden.subarray(start, start + shape.hidden)
        const block = tf.tidy(() => {
          const units = tf.relu(tf.add(suffixHidden, tf.tensor1d(row)))
          return tf.add(tf.add(tf.matMul(units, average.outputWeights), suffixSkip), skip)
        })
        scores.set(block.dataSync(), prefix * suffixes)
        block.dispose()
      }
    })
    return scores
  }
}

function variablesOf(shape: NetworkShape, parameters: Float32Array): Variables {
  const views = parameterViews(shape, parameters)
  const { hidden, outputs } = shape
  const matrix = (values: Float32Array, columns: number) =>
    tf.variable(tf.tensor2d(values, [values.length / columns, columns]))
  return {
    hiddenWeights: matrix(views.hiddenWeights, hidden),
    hiddenBias: tf.variable(tf.tensor1d(views.hiddenBias)),
    outputWeights: matrix(views.outputWeights, outputs),
    skipWeights: matrix(views.skipWeights, outputs),
    outputBias: tf.variable(tf.tensor1d(views.outputBias)),
  }
}
