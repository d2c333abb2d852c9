/**
 * The loss of proximal policy optimisation (Schulman et al. 2017), actor and critic being separate networks:
 *   − min(r A, clip(r, 1 ± 0.2) A) − β H(π) + ½ c (V − R)²,  r = π(a|o) / π_old(a|o), the mean over decisions.
 */
import { flatGradient, splitVector } from '../../learning/nn/parameter-layout.ts'
import { Tape } from '../../learning/nn/tape.ts'
import type { Loss } from '../../learning/nn/training.ts'
import { ELEMENT_TYPES, type Graph } from '../../onnx/graph-builder.ts'
import { inputSize, type NetworkShape, parameterCount, parameterLayout } from './network/shape.ts'
import { logitsOf, splitSteps } from './network-graph.ts'

/** What the graph is written for. */
export interface PolicyGradientLossOptions {
  readonly actor: NetworkShape
  /** Of one output and without recurrent units. */
  readonly critic: NetworkShape
  /** Of one training step. */
  readonly sequences: number
  /** Decisions of one sequence. */
  readonly steps: number
}

const CLIP = 0.2
/** c */
const VALUE_WEIGHT = 0.5
/** Largest error of a value that counts, so that one surprising burst does not upset the critic. */
const VALUE_ERROR = 2
/** Inputs of `policyGradientLoss`. */
export type PolicyGradientInput =
  | 'inputs'
  | 'states'
  | 'offsets'
  | 'chosen'
  | 'oldLogProbability'
  | 'advantages'
  | 'returns'
  | 'entropy'

/**
 * Inputs, step by step under each other:
 * inputs [steps · sequences, frames · features]; states before each sequence [sequences, recurrent]; offsets of the policy's
 * prior and mask, added to the logits, and the chosen action, one-hot [steps · sequences, actions]; log π_old, A and R
 * [steps · sequences, 1]; β [1]. Report: an estimate of the Kullback-Leibler divergence from the old policy [1].
 */
export function policyGradientLoss(options: PolicyGradientLossOptions): Loss<PolicyGradientInput> {
  const { actor, sequences, steps } = options
  const rows = sequences * steps
  return {
    inputs: {
      inputs: [rows, inputSize(actor)],
      states: [sequences, actor.recurrent],
      offsets: [rows, actor.actions],
      chosen: [rows, actor.actions],
      oldLogProbability: [rows, 1],
      advantages: [rows, 1],
      returns: [rows, 1],
      entropy: [1],
    },
    report: [1],
    build: (graph, parameters) => build(graph, parameters, options),
  }
}

function build(
  graph: Graph,
  parameters: string,
  { actor, critic, sequences, steps }: PolicyGradientLossOptions,
): { gradient: string; report: string } {
  const sizes = { actor: [parameterCount(actor)], critic: [parameterCount(critic)] }
  const vectors = splitVector(graph, sizes, parameters)
  const actorParts = splitVector(graph, parameterLayout(actor), vectors.actor)
  const criticParts = splitVector(graph, parameterLayout(critic), vectors.critic)
  const tape = new Tape(graph)
  const inputs = splitSteps(graph, 'inputs', steps, sequences)
  const logits = logitsOf(tape, actor, actorParts, inputs, 'states')
  const [value] = logitsOf(tape, critic, criticParts, ['inputs'], '')

  const rows = sequences * steps
  const all = steps === 1 ? logits[0] : graph.node('Concat', logits, { axis: 0 })
  const { slope, divergence } = actorSlope(graph, all)
  const scaled = graph.node('Mul', [slope, graph.scalar(1 / rows)])
  const error = graph.node('Sub', [value, 'returns'])
  const limited = graph.node('Clip', [error, graph.scalar(-VALUE_ERROR), graph.scalar(VALUE_ERROR)])
  const valueSlope = graph.node('Mul', [limited, graph.scalar(VALUE_WEIGHT / rows)])

  const logitSlopes = splitSteps(graph, scaled, steps, sequences)
  const slopes = new Map(logits.map((logit, step) => [logit, logitSlopes[step]]))
  slopes.set(value, valueSlope)
  const wanted = [...Object.values(actorParts), ...Object.values(criticParts)]
  const gradients = tape.gradients(slopes, wanted)
  const gradient = [
    flatGradient(graph, parameterLayout(actor), actorParts, gradients),
    flatGradient(graph, parameterLayout(critic), criticParts, gradients),
  ]
  return {
    gradient: graph.node('Concat', gradient, { axis: 0 }),
    report: graph.node('Reshape', [divergence, graph.integers([1])]),
  }
}

/** ∂loss/∂logits of each decision [rows, actions], and the mean of log π_old − log π. */
function actorSlope(graph: Graph, logits: string): { slope: string; divergence: string } {
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
  const counted = graph.node('Mul', [
    gain,
    graph.node('Cast', [isUnclipped], { to: ELEMENT_TYPES.float32 }),
  ])
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
