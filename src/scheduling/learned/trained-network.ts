/** Parameters in training: each step is one run of an ONNX graph that computes a loss's gradient and applies Adam. */
import { UnavailableError } from '../../errors.ts'
import {
  loadOnnxRuntime,
  type OnnxRuntime,
  type SynchronousSession,
  type Tensors,
} from '../../learning/nn/onnx-runtime.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'

const BETA_1 = 0.9
const BETA_2 = 0.999
const EPSILON = 1e-8

/** What a graph carries from step to step. Shapes [parameters] */
const VECTORS = ['parameters', 'firstMoment', 'secondMoment'] as const
type Vectors = Record<(typeof VECTORS)[number], Float32Array>

/** A tensor of one step: its data is written anew before every step. */
export interface Feed {
  readonly data: Float32Array
  readonly dimensions: readonly number[]
}

export interface Loss {
  /** By the name of the graph's input. */
  readonly feeds: Readonly<Record<string, Feed>>
  /** Longest gradient; a longer one is shortened to it. */
  readonly gradientNorm: number
  /**
   * Writes forward and backward pass.
   * @param parameters the name of the flat vector
   * @returns names of the flat gradient [parameters] and of one number to report about the step [1]
   */
  build(graph: GraphBuilder, parameters: string): { gradient: string; report: string }
}

export class TrainedNetwork {
  private readonly runtime: OnnxRuntime
  private readonly session: SynchronousSession
  private readonly loss: Loss
  /** ONNX Runtime reads the one and writes the other; after each step they change places. */
  private current: Vectors
  private next: Vectors
  private readonly report = new Float32Array(1)
  private steps = 0

  /** @throws UnavailableError where ONNX Runtime cannot be loaded */
  constructor(loss: Loss, parameters: Float32Array) {
    const runtime = loadOnnxRuntime()
    if (runtime === undefined) {
      throw new UnavailableError('training needs ONNX Runtime: install onnxruntime-node')
    }
    this.runtime = runtime
    this.loss = loss
    this.session = runtime.load(stepGraph(loss, parameters.length))
    const empty = () => new Float32Array(parameters.length)
    this.current = {
      parameters: parameters.slice(),
      firstMoment: empty(),
      secondMoment: empty(),
    }
    this.next = { parameters: empty(), firstMoment: empty(), secondMoment: empty() }
  }

  /** Valid until the next step. */
  get parameters(): Float32Array {
    return this.current.parameters
  }

  /** Learns from what the feeds hold. @returns the loss's report */
  step(learningRate: number): number {
    this.steps += 1
    const correction = Math.sqrt(1 - BETA_2 ** this.steps)
    const stepSize = (learningRate * correction) / (1 - BETA_1 ** this.steps)
    const feeds: Tensors = {
      rates: this.tensor(Float32Array.of(stepSize, EPSILON * correction), [2]),
    }
    const fetches: Tensors = { report: this.tensor(this.report, [1]) }
    for (const [name, { data, dimensions }] of Object.entries(this.loss.feeds)) {
      feeds[name] = this.tensor(data, dimensions)
    }
    for (const name of VECTORS) {
      feeds[name] = this.tensor(this.current[name], [this.current[name].length])
      fetches[`${name}Out`] = this.tensor(this.next[name], [this.next[name].length])
    }
    this.session.run(feeds, fetches)
    ;[this.current, this.next] = [this.next, this.current]
    return this.report[0]
  }

  private tensor(data: Float32Array, dimensions: readonly number[]) {
    return new this.runtime.Tensor('float32', data, dimensions)
  }
}

/** θ ← θ − stepSize · m / (√v + ε): Adam with bias-corrected moments (Kingma and Ba 2015, end of section 2). */
function stepGraph(loss: Loss, size: number): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('step')
  const [parameters, firstMoment, secondMoment] = VECTORS.map((name) =>
    graph.input(name, 'float32', [size]),
  ) as [string, string, string]
  const rates = graph.input('rates', 'float32', [2])
  for (const [name, { dimensions }] of Object.entries(loss.feeds)) {
    graph.input(name, 'float32', dimensions)
  }
  const { gradient: whole, report } = loss.build(graph, parameters)
  const gradient = shortened(graph, whole, loss.gradientNorm)
  const mix = (old: string, share: number, fresh: string, output: string) =>
    graph.node(
      'Add',
      [
        graph.node('Mul', [old, graph.scalar(share)]),
        graph.node('Mul', [fresh, graph.scalar(1 - share)]),
      ],
      {},
      { output },
    )
  const m = mix(firstMoment, BETA_1, gradient, 'firstMomentOut')
  const square = graph.node('Mul', [gradient, gradient])
  const v = mix(secondMoment, BETA_2, square, 'secondMomentOut')
  const [stepSize, epsilon] = graph.nodes('Split', [rates, graph.integers([1, 1])], 2, {
    axis: 0,
  }) as [string, string]
  const denominator = graph.node('Add', [graph.node('Sqrt', [v]), epsilon])
  const step = graph.node('Div', [graph.node('Mul', [m, stepSize]), denominator])
  graph.node('Sub', [parameters, step], {}, { output: 'parametersOut' })
  graph.node('Identity', [report], {}, { output: 'report' })
  for (const name of VECTORS) graph.output(`${name}Out`, 'float32', [size])
  graph.output('report', 'float32', [1])
  return graph.model()
}

/** gradient · min(1, longest / ‖gradient‖) */
function shortened(graph: GraphBuilder, gradient: string, longest: number): string {
  const norm = graph.node('ReduceL2', [gradient], { keepdims: 1 })
  const safe = graph.node('Max', [norm, graph.scalar(longest)])
  return graph.node('Mul', [gradient, graph.node('Div', [graph.scalar(longest), safe])])
}
