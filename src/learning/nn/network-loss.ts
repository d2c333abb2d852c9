/** What a wide-and-deep network learns: its forward pass on a tape, and the slope of the loss at its outputs. */
import type { Graph } from '../../onnx/graph-builder.ts'
import { adamRates } from './adam.ts'
import { inputSize, type NetworkShape, parameterLayout, parameterViews } from './network.ts'
import { flatGradient, lengthOf, splitVector } from './parameter-layout.ts'
import { Tape } from './tape.ts'
import type { Loss, Optimiser } from './training.ts'

/** How a network is trained. */
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

/** Inputs of `networkLoss`. */
export type NetworkInput = 'inputs' | 'targets' | 'weights'

/**
 * The mean weighted loss of a minibatch.
 * Inputs: inputs [batch, inputs], targets [batch, outputs], weights [batch, 1]. Report: prediction − target [batch, outputs].
 */
export function networkLoss(shape: NetworkShape, options: TrainingOptions): Loss<NetworkInput> {
  const { batchSize } = options
  return {
    inputs: {
      inputs: [batchSize, inputSize(shape)],
      targets: [batchSize, shape.outputs],
      weights: [batchSize, 1],
    },
    report: [batchSize, shape.outputs],
    build: (graph, parameters) => {
      const layout = parameterLayout(shape)
      const parts = splitVector(graph, layout, parameters)
      const tape = new Tape(graph)
      const hidden = tape.addRow(tape.matMul('inputs', parts.hiddenWeights), parts.hiddenBias)
      const linear = tape.addRow(tape.matMul('inputs', parts.skipWeights), parts.outputBias)
      const output = tape.add(tape.matMul(tape.relu(hidden), parts.outputWeights), linear)
      const { error, slope } = slopeAt(graph, output, options)
      const weights = graph.node('Mul', ['weights', graph.scalar(1 / batchSize)])
      const slopes = new Map([[output, graph.node('Mul', [slope, weights])]])
      const gradients = tape.gradients(slopes, Object.values(parts))
      return { gradient: flatGradient(graph, layout, parts, gradients), report: error }
    },
  }
}

/** Prediction − target, and ∂loss/∂output of one row of weight 1. Each [batch, outputs] */
function slopeAt(graph: Graph, output: string, { loss, huberDelta }: TrainingOptions) {
  if (loss === 'cross-entropy') {
    const error = graph.node('Sub', [graph.node('Sigmoid', [output]), 'targets'])
    return { error, slope: error }
  }
  const error = graph.node('Sub', [output, 'targets'])
  const limits = [graph.scalar(-huberDelta), graph.scalar(huberDelta)]
  return { error, slope: graph.node('Clip', [error, ...limits]) }
}

/** Weight decay on the weights of the deep path, not on the biases nor the linear path. */
export function networkOptimiser(
  shape: NetworkShape,
  { averageDecay }: TrainingOptions,
): Required<Omit<Optimiser, 'gradientNorm'>> {
  const decayMask = new Float32Array(lengthOf(parameterLayout(shape)))
  const views = parameterViews(shape, decayMask)
  views.hiddenWeights.fill(1)
  views.outputWeights.fill(1)
  return { averageDecay, decayMask }
}

/**
 * Rates of Adam for the updates that follow.
 * @param before updates so far
 * @returns as of `adamRates` [updates, 3]
 */
export function trainingRates(
  options: TrainingOptions,
  before: number,
  updates: number,
): Float32Array {
  const { learningRate, learningRateHalfLife, weightDecay, weightDecayHalfLife } = options
  const rates = new Float32Array(updates * 3)
  for (let update = 0; update < updates; update++) {
    const t = before + update
    const rate = learningRate / (1 + t / learningRateHalfLife)
    const decay = weightDecay / (1 + t / weightDecayHalfLife)
    rates.set(adamRates(t + 1, rate, decay), update * 3)
  }
  return rates
}
