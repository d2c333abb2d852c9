/** Differentiation of an ONNX graph while it is written: each operation notes how its gradient is computed. */
import type { GraphBuilder } from '../../onnx/graph-builder.ts'

/** Of an operation's inputs, in order, from the gradient of its output; the names of values of the graph. */
type Backward = (gradient: string) => string[]

interface Operation {
  readonly output: string
  readonly inputs: readonly string[]
  readonly backward: Backward
}

export class Tape {
  private readonly graph: GraphBuilder
  private readonly operations: Operation[] = []

  constructor(graph: GraphBuilder) {
    this.graph = graph
  }

  /** [n, k] · [k, m] */
  matMul(left: string, right: string): string {
    return this.record('MatMul', [left, right], (gradient) => [
      this.graph.node('Gemm', [gradient, right], { transB: 1 }),
      this.graph.node('Gemm', [left, gradient], { transA: 1 }),
    ])
  }

  /** [n, m] + [1, m] in every row */
  addRow(matrix: string, row: string): string {
    return this.record('Add', [matrix, row], (gradient) => [
      gradient,
      this.graph.node('ReduceSum', [gradient, this.graph.integers([0])], { keepdims: 1 }),
    ])
  }

  /** Of equal shapes, as all below. */
  add(left: string, right: string): string {
    return this.record('Add', [left, right], (gradient) => [gradient, gradient])
  }

  subtract(left: string, right: string): string {
    return this.record('Sub', [left, right], (gradient) => [
      gradient,
      this.graph.node('Neg', [gradient]),
    ])
  }

  multiply(left: string, right: string): string {
    return this.record('Mul', [left, right], (gradient) => [
      this.graph.node('Mul', [gradient, right]),
      this.graph.node('Mul', [gradient, left]),
    ])
  }

  relu(x: string): string {
    const output = this.record('Relu', [x], (gradient) => {
      const positive = this.graph.node('Cast', [output], { to: BOOL })
      return [
        this.graph.node('Mul', [gradient, this.graph.node('Cast', [positive], { to: FLOAT })]),
      ]
    })
    return output
  }

  /** slope = y (1 − y) */
  sigmoid(x: string): string {
    const output = this.record('Sigmoid', [x], (gradient) => {
      const square = this.graph.node('Mul', [output, output])
      const slope = this.graph.node('Sub', [output, square])
      return [this.graph.node('Mul', [gradient, slope])]
    })
    return output
  }

  /** slope = 1 − y² */
  tanh(x: string): string {
    const output = this.record('Tanh', [x], (gradient) => {
      const square = this.graph.node('Mul', [output, output])
      const slope = this.graph.node('Sub', [this.graph.scalar(1), square])
      return [this.graph.node('Mul', [gradient, slope])]
    })
    return output
  }

  /**
   * Writes the backward pass.
   * @param outputs gradient of the loss by each value that it depends on directly
   * @returns gradient of the loss by each value it depends on at all
   */
  gradients(outputs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const gradients = new Map(outputs)
    for (const { output, inputs, backward } of this.operations.toReversed()) {
      const gradient = gradients.get(output)
      if (gradient === undefined) continue
      const parts = backward(gradient)
      for (const [index, input] of inputs.entries()) {
        const sofar = gradients.get(input)
        const part = parts[index]
        gradients.set(input, sofar === undefined ? part : this.graph.node('Add', [sofar, part]))
      }
    }
    return gradients
  }

  private record(operator: string, inputs: readonly string[], backward: Backward): string {
    const output = this.graph.node(operator, inputs)
    this.operations.push({ output, inputs, backward })
    return output
  }
}

/** Of `TensorProto.DataType`. */
const FLOAT = 1
const BOOL = 9
