/** The engine in plain TypeScript: the oracle of the ONNX engine in tests, and the fallback where ONNX Runtime is absent. */
import { adamRates, decayMask } from './adam.ts'
import {
  type Batches,
  checkSize,
  type Engine,
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
  parameterCount,
  parameterViews,
} from './network.ts'
import { partialSums } from './partial-sums.ts'

export const referenceEngine: Engine = {
  name: 'reference',
  create: (shape, options, parameters) => new ReferenceNetwork(shape, options, parameters),
}

class ReferenceNetwork implements TrainableNetwork {
  readonly shape: NetworkShape
  private readonly options: TrainingOptions
  private readonly mask: Float32Array
  private readonly parameters: Float32Array
  private readonly firstMoment: Float32Array
  private readonly secondMoment: Float32Array
  private readonly average: Float32Array
  private readonly views: ParameterViews
  private readonly averageViews: ParameterViews
  private readonly scores: Float32Array
  private updates = 0

  constructor(shape: NetworkShape, options: TrainingOptions, parameters: Float32Array) {
    this.shape = shape
    this.options = options
    this.mask = decayMask(shape)
    this.parameters = parameters.slice()
    this.firstMoment = new Float32Array(parameters.length)
    this.secondMoment = new Float32Array(parameters.length)
    this.average = parameters.slice()
    this.views = parameterViews(shape, this.parameters)
    this.averageViews = parameterViews(shape, this.average)
    this.scores = new Float32Array(shape.outputs === 1 ? shape.choices ** shape.devices : 0)
  }

  train(batches: Batches): Float32Array {
    const size = this.options.batchSize
    const errors = new Float32Array(batches.targets.length)
    for (let update = 0; update < batches.updates; update++) {
      const { gradient, errors: rows } = batchGradient(this.shape, this.views, this.options, {
        inputs: part(batches.inputs, update, batches.updates),
        targets: part(batches.targets, update, batches.updates),
        weights: part(batches.weights, update, batches.updates),
      })
      errors.set(rows, update * size * this.shape.outputs)
      this.applyAdam(gradient)
    }
    return errors
  }

  scoreAll(features: Float32Array): Float32Array {
    return scoreAll(this.shape, this.averageViews, features, this.scores)
  }

  predict(features: Float32Array, decision: readonly number[]): Float32Array {
    return predict(this.shape, this.averageViews, features, decision)
  }

  save(): NetworkState {
    return {
      parameters: this.parameters.slice(),
      firstMoment: this.firstMoment.slice(),
      secondMoment: this.secondMoment.slice(),
      average: this.average.slice(),
      updates: this.updates,
    }
  }

  restore(state: NetworkState): void {
    checkSize(state, this.parameters.length)
    this.parameters.set(state.parameters)
    this.firstMoment.set(state.firstMoment)
    this.secondMoment.set(state.secondMoment)
    this.average.set(state.average)
    this.updates = state.updates
  }

  private applyAdam(gradient: Float32Array): void {
    const { beta1, beta2, averageDecay } = this.options
    this.updates += 1
    const [stepSize, epsilon, decay] = adamRates(this.options, this.updates)
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]
      const m = beta1 * this.firstMoment[i] + (1 - beta1) * g
      const v = beta2 * this.secondMoment[i] + (1 - beta2) * g * g
      const old = this.parameters[i]
      const parameter = old - (stepSize * m) / (Math.sqrt(v) + epsilon) - decay * this.mask[i] * old
      this.firstMoment[i] = m
      this.secondMoment[i] = v
      this.parameters[i] = parameter
      this.average[i] = averageDecay * this.average[i] + (1 - averageDecay) * parameter
    }
  }
}

/** One minibatch: `inputs` [batch, inputs], `targets` [batch, outputs], `weights` [batch]. */
export type Batch = Pick<Batches, 'inputs' | 'targets' | 'weights'>

/**
 * The gradient of the batch's mean weighted loss.
 * @returns gradient [parameters]; errors, prediction − target [batch, outputs]; loss
 */
export function batchGradient(
  shape: NetworkShape,
  views: ParameterViews,
  options: TrainingOptions,
  { inputs, targets, weights }: Batch,
): { gradient: Float32Array; errors: Float32Array; loss: number } {
  const size = weights.length
  const { outputs, hidden } = shape
  const gradient = new Float32Array(parameterCount(shape))
  const errors = new Float32Array(targets.length)
  const gradientViews = parameterViews(shape, gradient)
  const units = new Float32Array(hidden)
  const slopes = new Float32Array(outputs)
  let loss = 0
  for (let row = 0; row < size; row++) {
    const input = part(inputs, row, size)
    const result = forward(shape, views, input, units)
    const weight = weights[row] / size
    for (let o = 0; o < outputs; o++) {
      const target = targets[row * outputs + o]
      const { value, slope, error } = lossOf(options, result[o], target)
      loss += weight * value
      slopes[o] = weight * slope
      errors[row * outputs + o] = error
    }
    addRowGradient(shape, views, gradientViews, input, units, slopes)
  }
  return { gradient, errors, loss }
}

/** Loss of one output, its slope with respect to the output, and prediction − target. */
function lossOf({ loss, huberDelta }: TrainingOptions, output: number, target: number) {
  if (loss === 'cross-entropy') {
    const probability = 1 / (1 + Math.exp(-output))
    const error = probability - target
    const value = Math.log1p(Math.exp(-Math.abs(output))) + Math.max(output, 0) - target * output
    return { value, slope: error, error }
  }
  const error = output - target
  const slope = Math.max(-huberDelta, Math.min(huberDelta, error))
  return { value: slope * (error - slope / 2), slope, error }
}

/** Adds one row's part of the gradient. `units` are the activations [hidden], `slopes` ∂loss/∂output [outputs]. */
function addRowGradient(
  { hidden, outputs }: NetworkShape,
  views: ParameterViews,
  gradient: ParameterViews,
  input: Float32Array,
  units: Float32Array,
  slopes: Float32Array,
): void {
  const hiddenSlopes = new Float32Array(hidden)
  for (let o = 0; o < outputs; o++) {
    const slope = slopes[o]
    gradient.outputBias[o] = gradient.outputBias[o] + slope
    for (let h = 0; h < hidden; h++) {
      const unit = units[h]
      if (unit === 0) continue
      const index = h * outputs + o
      gradient.outputWeights[index] = gradient.outputWeights[index] + unit * slope
      hiddenSlopes[h] = hiddenSlopes[h] + slope * views.outputWeights[index]
    }
  }
  for (let h = 0; h < hidden; h++) {
    gradient.hiddenBias[h] = gradient.hiddenBias[h] + hiddenSlopes[h]
  }
  for (let i = 0; i < input.length; i++) {
    const x = input[i]
    if (x === 0) continue
    for (let h = 0; h < hidden; h++) {
      const index = i * hidden + h
      gradient.hiddenWeights[index] = gradient.hiddenWeights[index] + x * hiddenSlopes[h]
    }
    for (let o = 0; o < outputs; o++) {
      const index = i * outputs + o
      gradient.skipWeights[index] = gradient.skipWeights[index] + x * slopes[o]
    }
  }
}

/** Fills `scores` [choices^devices] with the output of every joint decision. */
function scoreAll(
  shape: NetworkShape,
  views: ParameterViews,
  features: Float32Array,
  scores: Float32Array,
): Float32Array {
  const { hidden } = shape
  const sums = partialSums(shape, views, features)
  const suffixes = sums.suffixSkip.length
  for (let prefix = 0; prefix < sums.prefixSkip.length; prefix++) {
    for (let suffix = 0; suffix < suffixes; suffix++) {
      let score = sums.prefixSkip[prefix] + sums.suffixSkip[suffix]
      for (let h = 0; h < hidden; h++) {
        const unit = sums.prefixHidden[prefix * hidden + h] + sums.suffixHidden[suffix * hidden + h]
        if (unit > 0) score += unit * views.outputWeights[h]
      }
      scores[prefix * suffixes + suffix] = score
    }
  }
  return scores
}

/** The outputs for one decision. [outputs] */
export function predict(
  shape: NetworkShape,
  views: ParameterViews,
  features: Float32Array,
  decision: readonly number[],
): Float32Array {
  const input = new Float32Array(inputSize(shape))
  encodeInput(shape, features, decision, input, 0)
  return forward(shape, views, input)
}

/** Row `index` of `count` equal rows. */
function part(array: Float32Array, index: number, count: number): Float32Array {
  const width = array.length / count
  return array.subarray(index * width, (index + 1) * width)
}
