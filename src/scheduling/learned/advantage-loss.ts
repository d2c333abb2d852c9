/**
 * The loss of learning from what every action is worth: − Σ_a π(a|o) A(a) − β H(π), the mean over decisions. All actions count,
 * not only the one that was taken, so there is no sampling noise.
 */
import { flatGradient, splitVector } from '../../learning/nn/parameter-layout.ts'
import { Tape } from '../../learning/nn/tape.ts'
import type { Loss } from '../../learning/nn/training.ts'
import type { Graph } from '../../onnx/graph-builder.ts'
import { inputSize, type NetworkShape, parameterLayout } from './network/shape.ts'
import { logitsOf, splitSteps } from './network-graph.ts'

/** What the graph is written for. */
export interface AdvantageLossOptions {
  readonly shape: NetworkShape
  /** Of one training step. */
  readonly sequences: number
  /** Decisions of one sequence. */
  readonly steps: number
  /** β, the weight of the entropy. */
  readonly entropy: number
}

/** Of gradients ten times those of the loss: what keeps Adam's ε small beside them. */
const GRADIENT_SCALE = 10
/** Inputs of `advantageLoss`. */
export type AdvantageInput = 'inputs' | 'states' | 'offsets' | 'advantages'

/**
 * Inputs, step by step under each other:
 * inputs [steps · sequences, frames · features]; states before each sequence [sequences, recurrent]; offsets of the policy's
 * prior and mask, added to the logits [steps · sequences, actions]; advantages A, in answers of the most accurate variant, 0 for
 * the best action [steps · sequences, actions]. Report: the objective, Σ_a π(a|o) A(a) + β H(π) [1].
 */
export function advantageLoss(options: AdvantageLossOptions): Loss<AdvantageInput> {
  const { shape, sequences, steps } = options
  const rows = sequences * steps
  return {
    inputs: {
      inputs: [rows, inputSize(shape)],
      states: [sequences, shape.recurrent],
      offsets: [rows, shape.actions],
      advantages: [rows, shape.actions],
    },
    report: [1],
    build: (graph, parameters) => build(graph, parameters, options),
  }
}

function build(
  graph: Graph,
  parameters: string,
  { shape, sequences, steps, entropy }: AdvantageLossOptions,
): { gradient: string; report: string } {
  const rows = sequences * steps
  const tape = new Tape(graph)
  const layout = parameterLayout(shape)
  const parts = splitVector(graph, layout, parameters)
  const inputs = splitSteps(graph, 'inputs', steps, sequences)
  const logits = logitsOf(tape, shape, parts, inputs, 'states')
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
  const slopes = splitSteps(graph, scaled, steps, sequences)
  const outputs = new Map(logits.map((logit, step) => [logit, slopes[step]]))
  const gradients = tape.gradients(outputs, Object.values(parts))
  const gradient = flatGradient(graph, layout, parts, gradients)
  const report = graph.node('Reshape', [
    graph.node('ReduceMean', [mean], { keepdims: 0 }),
    graph.integers([1]),
  ])
  return { gradient, report }
}
