/** Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), and a moving average of the parameters. */
import type { Graph } from '../../onnx/graph-builder.ts'
import type { Optimiser, Vectors } from './training.ts'

/** Of Kingma and Ba. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

/**
 * The rates of update t (counted from 1), in the form θ ← θ − stepSize · m / (√v + epsilon) − decay · mask · θ,
 * which equals Adam with bias-corrected moments (Kingma and Ba 2015, end of section 2).
 * @param rate the learning rate
 * @param weightDecay times the learning rate
 * @returns [stepSize, epsilon, decay]
 */
export function adamRates(t: number, rate: number, weightDecay: number): [number, number, number] {
  const { beta1, beta2, epsilon } = ADAM
  const correction = Math.sqrt(1 - beta2 ** t)
  const stepSize = (rate * correction) / (1 - beta1 ** t)
  return [stepSize, epsilon * correction, rate * weightDecay]
}

/**
 * Adds one update to a graph.
 * @param vectors before it, each [parameters]
 * @param gradient [parameters]
 * @param rates of `adamRates` [3]
 * @returns the vectors after it
 */
export function adamUpdate(
  graph: Graph,
  { gradientNorm, decayMask, averageDecay }: Optimiser,
  vectors: Readonly<Vectors<string>>,
  gradient: string,
  rates: string,
): Vectors<string> {
  const g = gradientNorm === undefined ? gradient : shortened(graph, gradient, gradientNorm)
  const sizes = graph.integers([1, 1, 1])
  const [stepSize, epsilon, decay] = graph.nodes('Split', [rates, sizes], 3, { axis: 0 })
  const m = mixed(graph, vectors.firstMoment, ADAM.beta1, g)
  const v = mixed(graph, vectors.secondMoment, ADAM.beta2, graph.node('Mul', [g, g]))
  const denominator = graph.node('Add', [graph.node('Sqrt', [v]), epsilon])
  const step = graph.node('Div', [graph.node('Mul', [m, stepSize]), denominator])
  let parameters = graph.node('Sub', [vectors.parameters, step])
  if (decayMask) {
    const mask = graph.constant([decayMask.length], decayMask)
    const decayed = graph.node('Mul', [graph.node('Mul', [mask, decay]), vectors.parameters])
    parameters = graph.node('Sub', [parameters, decayed])
  }
  const average = mixed(graph, vectors.average, averageDecay, parameters)
  return { parameters, firstMoment: m, secondMoment: v, average }
}

/** share · old + (1 − share) · fresh */
function mixed(graph: Graph, old: string, share: number, fresh: string): string {
  return graph.node('Add', [
    graph.node('Mul', [old, graph.scalar(share)]),
    graph.node('Mul', [fresh, graph.scalar(1 - share)]),
  ])
}

/** gradient · min(1, longest / ‖gradient‖) */
function shortened(graph: Graph, gradient: string, longest: number): string {
  const norm = graph.node('ReduceL2', [gradient], { keepdims: 1 })
  const safe = graph.node('Max', [norm, graph.scalar(longest)])
  return graph.node('Mul', [gradient, graph.node('Div', [graph.scalar(longest), safe])])
}
