/**
 * The loss of proximal policy optimisation (Schulman et al. 2017), actor and critic being separate networks:
 *   − min(r A, clip(r, 1 ± 0.2) A) − β H(π) + ½ c (V − R)²,  r = π(a|o) / π_old(a|o), the mean over decisions.
 */
import type { GraphBuilder } from '../../onnx/graph-builder.ts'
import { inputSize, type NetworkShape, parameterCount } from './network/shape.ts'
import { flatGradient, logitsOf, parametersOf, splitSteps } from './network-graph.ts'
import { Tape } from './tape.ts'
import type { Feed, Loss } from './trained-network.ts'

export interface PolicyGradientLossOptions {
  readonly actor: NetworkShape
  /** Of one output and without recurrent units. */
  readonly critic: NetworkShape
  /** Of one training step. */
  readonly sequences: number
  /** Decisions of one sequence. */
  readonly steps: number
}

export interface PolicyGradientFeeds extends Readonly<Record<string, Feed>> {
  /** Step by step under each other. Shape [steps · sequences, frames · features] */
  readonly inputs: Feed
  /** Before each sequence. Shape [sequences, recurrent] */
  readonly states: Feed
  /** Of the policy's prior and mask, added to the logits. Shape [steps · sequences, actions] */
  readonly offsets: Feed
  /** One-hot. Shape [steps · sequences, actions] */
  readonly chosen: Feed
  /** log π_old, A and R, all of shape [steps · sequences, 1]. */
  readonly oldLogProbability: Feed
  readonly advantages: Feed
  readonly returns: Feed
  /** β. Shape [1] */
  readonly entropy: Feed
}

const CLIP = 0.2
/** c */
const VALUE_WEIGHT = 0.5
/** Largest error of a value that counts, so that one surprising burst does not upset the critic. */
const VALUE_ERROR = 2
const GRADIENT_NORM = 0.5

export function policyGradientLoss(
  options: PolicyGradientLossOptions,
): Loss & { feeds: PolicyGradientFeeds } {
  const { actor, sequences, steps } = options
  const rows = sequences * steps
  const feed = (...dimensions: number[]): Feed => {
    return { data: new Float32Array(dimensions.reduce((a, b) => a * b)), dimensions }
  }
  return {
    feeds: {
      inputs: feed(rows, inputSize(actor)),
      states: feed(sequences, actor.recurrent),
      offsets: feed(rows, actor.actions),
      chosen: feed(rows, actor.actions),
      oldLogProbability: feed(rows, 1),
      advantages: feed(rows, 1),
      returns: feed(rows, 1),
      entropy: feed(1),
    },
    gradientNorm: GRADIENT_NORM,
    build: (graph, parameters) => build(graph, parameters, options),
  }
}

/** The report is an estimate of the Kullback-Leibler divergence from the old policy. */
function build(
  graph: GraphBuilder,
  parameters: string,
  { actor, critic, sequences, steps }: PolicyGradientLossOptions,
): { gradient: string; report: string } {
  const sizes = graph.integers([parameterCount(actor), parameterCount(critic)])
  const [actorPart, criticPart] = graph.nodes('Split', [parameters, sizes], 2, { axis: 0 }) as [
    string,
    string,
  ]
  const rows = sequences * steps
  const inputs = splitSteps(graph, 'inputs', steps, sequences)

  const tape = new Tape(graph)
  const matrices = parametersOf(graph, actor, actorPart)
  const logits = logitsOf(tape, actor, matrices, inputs, 'states')
  const all = steps === 1 ? logits[0] : graph.node('Concat', logits, { axis: 0 })
  const { slope, divergence } = actorSlope(graph, all)
  const scaled = graph.node('Mul', [slope, graph.scalar(1 / rows)])
  const parts = splitSteps(graph, scaled, steps, sequences)
  const slopes = new Map(logits.map((logit, step) => [logit, parts[step]]))
  const actorGradient = flatGradient(graph, actor, matrices, tape.gradients(slopes))

  const criticTape = new Tape(graph)
  const criticMatrices = parametersOf(graph, critic, criticPart)
  const [value] = logitsOf(criticTape, critic, criticMatrices, ['inputs'], '') as [string]
  const error = graph.node('Sub', [value, 'returns'])
  const limited = graph.node('Clip', [error, graph.scalar(-VALUE_ERROR), graph.scalar(VALUE_ERROR)])
  const valueSlope = graph.node('Mul', [limited, graph.scalar(VALUE_WEIGHT / rows)])
  const valueGradients = criticTape.gradients(new Map([[value, valueSlope]]))
  const criticGradient = flatGradient(graph, critic, criticMatrices, valueGradients)
  return {
    gradient: graph.node('Concat', [actorGradient, criticGradient], { axis: 0 }),
    report: graph.node('Reshape', [divergence, graph.integers([1])]),
  }
}

/** ∂loss/∂logits of each decision [rows, actions], and the mean of log π_old − log π. */
function actorSlope(graph: GraphBuilder, logits: string): { slope: string; divergence: string } {
  const sum = (rows: string) =>
    graph.node('ReduceSum', [rows, graph.integers([1])], { keepdims: 1 })
  const shifted = graph.node('Add', [logits, 'offsets'])
  const logProbabilities = graph.node('LogSoftmax', [shifted], { axis: 1 })
  const probabilities = graph.node('Exp', [logProbabilities])
  const logProbability = sum(graph.node('Mul', [logProbabilities, 'chosen'])) // [rows, 1]
  const growth = graph.node('Sub', [logProbability, 'oldLogProbability'])
  const ratio = graph.node('Exp', [growth])
  const limits = [graph.scalar(1 - CLIP), graph.scalar(1 + CLIP)]
  const gain = graph.node('Mul', [ratio, 'advantages'])
  const clippedGain = graph.node('Mul', [graph.node('Clip', [ratio, ...limits]), 'advantages'])
  const isUnclipped = graph.node('LessOrEqual', [gain, clippedGain])
  const counted = graph.node('Mul', [gain, graph.node('Cast', [isUnclipped], { to: FLOAT })])
  // ∂ log π(a) / ∂ logits = one-hot(a) − π
  const towards = graph.node('Sub', [probabilities, 'chosen'])
  const policySlope = graph.node('Mul', [counted, towards])
  // ∂(−H) / ∂ logits = π (log π + H)
  const weighted = graph.node('Mul', [probabilities, logProbabilities])
  const negativeEntropy = sum(weighted)
  const product = graph.node('Mul', [probabilities, negativeEntropy])
  const entropySlope = graph.node('Mul', ['entropy', graph.node('Sub', [weighted, product])])
  const divergence = graph.node('Neg', [graph.node('ReduceMean', [growth], { keepdims: 0 })])
  return { slope: graph.node('Add', [policySlope, entropySlope]), divergence }
}

/** Of `TensorProto.DataType`. */
const FLOAT = 1
