/**
 * The loss of learning from what every action is worth: − Σ_a π(a|o) A(a) − β H(π), the mean over decisions. All actions count,
 * not only the one that was taken, so there is no sampling noise.
 */
import type { GraphBuilder } from '../../onnx/graph-builder.ts'
import { inputSize, type NetworkShape } from './network/shape.ts'
import { flatGradient, logitsOf, parametersOf, splitSteps } from './network-graph.ts'
import { Tape } from './tape.ts'
import type { Feed, Loss } from './trained-network.ts'

export interface AdvantageLossOptions {
  readonly shape: NetworkShape
  /** Of one training step. */
  readonly sequences: number
  /** Decisions of one sequence. */
  readonly steps: number
  /** β, the weight of the entropy. */
  readonly entropy: number
}

export interface AdvantageFeeds extends Readonly<Record<string, Feed>> {
  /** Step by step under each other. Shape [steps · sequences, frames · features] */
  readonly inputs: Feed
  /** Before each sequence. Shape [sequences, recurrent] */
  readonly states: Feed
  /** Of the policy's prior and mask, added to the logits. Shape [steps · sequences, actions] */
  readonly offsets: Feed
  /** A, in answers of the most accurate variant, 0 for the best action. Shape [steps · sequences, actions] */
  readonly advantages: Feed
}

/** Of gradients ten times those of the loss: what keeps Adam's ε small beside them. */
const GRADIENT_SCALE = 10
const GRADIENT_NORM = 10

export function advantageLoss(options: AdvantageLossOptions): Loss & { feeds: AdvantageFeeds } {
  const { shape, sequences, steps } = options
  const rows = sequences * steps
  const feed = (first: number, second: number): Feed => {
    return { data: new Float32Array(first * second), dimensions: [first, second] }
  }
  return {
    feeds: {
      inputs: feed(rows, inputSize(shape)),
      states: feed(sequences, shape.recurrent),
      offsets: feed(rows, shape.actions),
      advantages: feed(rows, shape.actions),
    },
    gradientNorm: GRADIENT_NORM,
    build: (graph, parameters) => build(graph, parameters, options),
  }
}

function build(
  graph: GraphBuilder,
  parameters: string,
  { shape, sequences, steps, entropy }: AdvantageLossOptions,
): { gradient: string; report: string } {
  const rows = sequences * steps
  const tape = new Tape(graph)
  const matrices = parametersOf(graph, shape, parameters)
  const inputs = splitSteps(graph, 'inputs', steps, sequences)
  const logits = logitsOf(tape, shape, matrices, inputs, 'states')
  const all = steps === 1 ? logits[0] : graph.node('Concat', logits, { axis: 0 })
  const shifted = graph.node('Add', [all, 'offsets'])
  const logProbability = graph.node('LogSoftmax', [shifted], { axis: 1 })
  const probability = graph.node('Exp', [logProbability])
  // ∂/∂logit_a of Σ π A + β H = π_a (g_a − Σ_b π_b g_b), g = A − β log π
  const bonus = graph.node('Mul', [logProbability, graph.scalar(-entropy)])
  const worth = graph.node('Add', ['advantages', bonus])
  const mean = graph.node(
    'ReduceSum',
    [graph.node('Mul', [probability, worth]), graph.integers([1])],
    { keepdims: 1 },
  )
  const slope = graph.node('Mul', [probability, graph.node('Sub', [worth, mean])])
  const scaled = graph.node('Mul', [slope, graph.scalar(-GRADIENT_SCALE / rows)])
  const parts = splitSteps(graph, scaled, steps, sequences)
  const outputs = new Map(logits.map((logit, step) => [logit, parts[step]]))
  const gradient = flatGradient(graph, shape, matrices, tape.gradients(outputs))
  const report = graph.node('Reshape', [
    graph.node('ReduceMean', [mean], { keepdims: 0 }),
    graph.integers([1]),
  ])
  return { gradient, report }
}
