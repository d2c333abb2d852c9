/**
 * Runs a graph in plain TypeScript and double precision: the oracle of the graphs that train networks, and what trains where
 * ONNX Runtime is absent. Everything is laid out when a node is added; a run allocates nothing.
 */
import { InvalidInputError } from '../../errors.ts'
import type { Attributes, ConstantData, Graph } from '../../onnx/graph-builder.ts'
import { createNode, emptyTensor, type Tensor } from './operators.ts'

/** Add inputs and nodes once; then fill the inputs, run, and read values, as often as you like. */
export class Evaluator implements Graph {
  private readonly tensors = new Map<string, Tensor>()
  private readonly steps: (() => void)[] = []

  /** Declares an input, to be filled before each run, and returns its name. */
  input(name: string, dimensions: readonly number[]): string {
    this.tensors.set(name, emptyTensor(dimensions))
    return name
  }

  /**
   * What an input holds, or a value since the last run, row-major; the same array every time.
   * @throws InvalidInputError if nothing has this name
   */
  data(name: string): Float64Array {
    return this.tensor(name).data
  }

  /** Computes all nodes. */
  run(): void {
    for (const step of this.steps) step()
  }

  constant(dimensions: readonly number[], data: ConstantData): string {
    return this.add({ dimensions, data: Float64Array.from(data, Number) })
  }

  scalar(value: number): string {
    return this.add({ dimensions: [], data: Float64Array.of(value) })
  }

  integers(values: readonly number[]): string {
    return this.add({ dimensions: [values.length], data: Float64Array.from(values) })
  }

  node(operator: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.nodes(operator, inputs, 1, attributes)[0]
  }

  /** @throws InvalidInputError if it does not know the operator, or nothing has the name of an input */
  nodes(
    operator: string,
    inputs: readonly string[],
    _count: number,
    attributes: Attributes = {},
  ): string[] {
    const tensors = inputs.map((input) => this.tensor(input))
    const { outputs, compute } = createNode(operator, tensors, attributes)
    if (compute) this.steps.push(compute)
    return outputs.map((output) => this.add(output))
  }

  private tensor(name: string): Tensor {
    const tensor = this.tensors.get(name)
    if (tensor === undefined) throw new InvalidInputError(`no value is called "${name}"`)
    return tensor
  }

  private add(tensor: Tensor): string {
    const name = `value ${this.tensors.size}`
    this.tensors.set(name, tensor)
    return name
  }
}
