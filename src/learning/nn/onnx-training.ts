import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { adamUpdate } from './adam.ts'
import type { OnnxRuntime, SynchronousSession, Tensors } from './onnx-runtime.ts'
import { sizeOf } from './parameter-layout.ts'
import {
  type Feeds,
  type Loss,
  mapVectors,
  newVectors,
  type Optimiser,
  type Training,
  VECTORS,
  type Vectors,
} from './training.ts'

/** Every `run` is one call of ONNX Runtime, however many updates it has; vectors stay in preallocated tensors. */
export class OnnxTraining<Name extends string> implements Training<Name> {
  private readonly runtime: OnnxRuntime
  private readonly session: SynchronousSession
  private readonly loss: Loss<Name>
  /** ONNX Runtime reads the one and writes the other; after each call they change places. */
  private current: Vectors
  private next: Vectors

  /** @param parameters initial ones; copied [parameters] */
  constructor(
    runtime: OnnxRuntime,
    loss: Loss<Name>,
    optimiser: Optimiser,
    parameters: Float32Array,
  ) {
    this.runtime = runtime
    this.loss = loss
    this.session = runtime.load(trainingGraph(loss, optimiser, parameters.length))
    this.current = newVectors(parameters)
    this.next = newVectors(parameters)
  }

  get vectors(): Vectors {
    return this.current
  }

  run(rates: Float32Array, given: Feeds<Name>): Float32Array {
    const { loss } = this
    const updates = rates.length / 3
    const reports = new Float32Array(updates * sizeOf(loss.report))
    const feeds: Tensors = { rates: this.tensor(rates, [updates, 3]) }
    const fetches: Tensors = { reports: this.tensor(reports, [updates, ...loss.report]) }
    for (const name in loss.inputs) {
      feeds[all(name)] = this.tensor(given[name], [updates, ...loss.inputs[name]])
    }
    for (const name of VECTORS) {
      feeds[name] = this.tensor(this.current[name], [this.current[name].length])
      fetches[`${name}Out`] = this.tensor(this.next[name], [this.next[name].length])
    }
    this.session.run(feeds, fetches)
    ;[this.current, this.next] = [this.next, this.current]
    return reports
  }

  private tensor(data: Float32Array, dimensions: readonly number[]) {
    return new this.runtime.Tensor('float32', data, dimensions)
  }
}

/** The name of an input of the loss, of all updates. */
function all(name: string): string {
  return `all_${name}`
}

/**
 * One update after the other by Scan.
 * Inputs: the vectors [size]; of the loss's inputs, `all` [updates, …dimensions]; rates [updates, 3].
 * Outputs: the vectors as `…Out`, and reports [updates, …report].
 */
function trainingGraph(loss: Loss, optimiser: Optimiser, size: number): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('training')
  const body = graph.body('update')
  const vectors = mapVectors((name) => body.input(`${name}In`, 'float32', [size]))
  for (const [name, dimensions] of Object.entries(loss.inputs)) {
    body.input(name, 'float32', dimensions)
  }
  const rate = body.input('rate', 'float32', [3])
  const { gradient, report } = loss.build(body, vectors.parameters)
  const updated = adamUpdate(body, optimiser, vectors, gradient, rate)
  for (const name of VECTORS) body.output(updated[name], 'float32', [size])
  body.output(report, 'float32', loss.report)

  const scanned = [
    ...VECTORS.map((name) => graph.input(name, 'float32', [size])),
    ...Object.entries(loss.inputs).map(([name, dimensions]) =>
      graph.input(all(name), 'float32', ['updates', ...dimensions]),
    ),
    graph.input('rates', 'float32', ['updates', 3]),
  ]
  const outputs = [...VECTORS.map((name) => `${name}Out`), 'reports']
  graph.nodes('Scan', scanned, outputs, { body, num_scan_inputs: scanned.length - VECTORS.length })
  for (const name of VECTORS) graph.output(`${name}Out`, 'float32', [size])
  graph.output('reports', 'float32', ['updates', ...loss.report])
  return graph.model()
}
