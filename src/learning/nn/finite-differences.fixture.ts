/** For gradient checks: what a graph says against what the loss itself says, computed in plain double precision. */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import type { Random } from '../../random.ts'
import { Evaluator } from './evaluator.ts'
import { loadOnnxRuntime } from './onnx-runtime.ts'
import { sizeOf } from './parameter-layout.ts'
import type { Feeds, Loss } from './training.ts'

/** The gradient and the report of a loss. */
interface Computed {
  /** [parameters] */
  readonly gradient: Float32Array
  /** […report] */
  readonly report: Float32Array
}

/** On ONNX Runtime. @param feeds of one update */
export function onnxGradient<Name extends string>(
  loss: Loss<Name>,
  parameters: Float32Array,
  feeds: Feeds<Name>,
): Computed {
  const runtime = loadOnnxRuntime()
  if (runtime === undefined) throw new Error('this test needs ONNX Runtime')
  const { Tensor } = runtime
  const tensor = (data: Float32Array, dimensions: readonly number[]) =>
    new Tensor('float32', data, dimensions)
  const graph = new GraphBuilder('gradient')
  const inputs = { parameters: tensor(parameters, [parameters.length]) }
  const flat = graph.input('parameters', 'float32', [parameters.length])
  for (const name in loss.inputs) {
    graph.input(name, 'float32', loss.inputs[name])
    Object.assign(inputs, { [name]: tensor(feeds[name], loss.inputs[name]) })
  }
  const built = loss.build(graph, flat)
  graph.output(built.gradient, 'float32', [parameters.length])
  graph.output(built.report, 'float32', loss.report)
  const gradient = new Float32Array(parameters.length)
  const report = new Float32Array(sizeOf(loss.report))
  runtime.load(graph.model()).run(inputs, {
    [built.gradient]: tensor(gradient, [gradient.length]),
    [built.report]: tensor(report, loss.report),
  })
  return { gradient, report }
}

/** By the evaluator. @param feeds of one update */
export function evaluatedGradient<Name extends string>(
  loss: Loss<Name>,
  parameters: Float32Array,
  feeds: Feeds<Name>,
): Computed {
  const graph = new Evaluator()
  for (const name in loss.inputs) {
    graph.data(graph.input(name, loss.inputs[name])).set(feeds[name])
  }
  const flat = graph.input('parameters', [parameters.length])
  graph.data(flat).set(parameters)
  const built = loss.build(graph, flat)
  graph.run()
  return {
    gradient: Float32Array.from(graph.data(built.gradient)),
    report: Float32Array.from(graph.data(built.report)),
  }
}

export const BACK_ENDS = [
  { backEnd: 'ONNX Runtime', gradientOf: onnxGradient },
  { backEnd: 'TypeScript', gradientOf: evaluatedGradient },
] as const

/** Central differences of a loss by each of its parameters. */
export function differences(
  loss: (parameters: Float64Array) => number,
  parameters: Float32Array,
): number[] {
  const step = 1e-5
  return Array.from(parameters, (parameter, index) => {
    const moved = Float64Array.from(parameters)
    moved[index] = parameter + step
    const above = loss(moved)
    moved[index] = parameter - step
    return (above - loss(moved)) / (2 * step)
  })
}

export function fillNormal(data: Float32Array, random: Random): void {
  for (let i = 0; i < data.length; i++) data[i] = random.normal()
}
