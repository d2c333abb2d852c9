/** For gradient checks: what an ONNX graph says against what the loss itself says, computed in plain double precision. */
import { loadOnnxRuntime } from '../../learning/nn/onnx-runtime.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import type { Random } from '../../random.ts'
import type { Feed, Loss } from './trained-network.ts'

/** The flat gradient and the report of a loss, as its graph computes them. */
export function onnxGradient(
  loss: Loss,
  parameters: Float32Array,
): { gradient: Float32Array; report: number } {
  const graph = new GraphBuilder('gradient')
  const flat = graph.input('parameters', 'float32', [parameters.length])
  for (const [name, { dimensions }] of Object.entries(loss.feeds)) {
    graph.input(name, 'float32', dimensions)
  }
  const built = loss.build(graph, flat)
  graph.node('Identity', [built.gradient], {}, { output: 'gradient' })
  graph.node('Identity', [built.report], {}, { output: 'report' })
  graph.output('gradient', 'float32', [parameters.length])
  graph.output('report', 'float32', [1])
  const runtime = loadOnnxRuntime()
  if (runtime === undefined) throw new Error('this test needs ONNX Runtime')
  const { Tensor } = runtime
  const tensor = (data: Float32Array, dimensions: readonly number[]) =>
    new Tensor('float32', data, dimensions)
  const feeds = Object.entries(loss.feeds).map(([name, { data, dimensions }]) => {
    return [name, tensor(data, dimensions)] as const
  })
  const gradient = new Float32Array(parameters.length)
  const report = new Float32Array(1)
  runtime
    .load(graph.model())
    .run(
      { ...Object.fromEntries(feeds), parameters: tensor(parameters, [parameters.length]) },
      { gradient: tensor(gradient, [gradient.length]), report: tensor(report, [1]) },
    )
  return { gradient, report: report[0] }
}

/** Central differences of a loss by some of its parameters. @param chosen indices */
export function differences(
  loss: (parameters: Float64Array) => number,
  parameters: Float32Array,
  chosen: readonly number[],
): number[] {
  const step = 1e-5
  return chosen.map((index) => {
    const moved = Float64Array.from(parameters)
    moved[index] = parameters[index] + step
    const above = loss(moved)
    moved[index] = parameters[index] - step
    return (above - loss(moved)) / (2 * step)
  })
}

export function fillNormal({ data }: Feed, random: Random): void {
  for (let i = 0; i < data.length; i++) data[i] = random.normal()
}

/** log softmax of logits + offsets. */
export function logProbabilities(logits: ArrayLike<number>, offsets: ArrayLike<number>): number[] {
  const shifted = Array.from(logits, (logit, action) => logit + offsets[action])
  const largest = Math.max(...shifted)
  const total = shifted.reduce((sum, score) => sum + Math.exp(score - largest), 0)
  return shifted.map((score) => score - largest - Math.log(total))
}
