import { ELEMENT_TYPES, type Graph } from '../../onnx/graph-builder.ts'

/** The gradient of one input of an operation, from that of its output. */
type Backward = (gradient: string) => string

interface Operation {
  readonly output: string
  readonly inputs: readonly string[]
  /** Of each input, in order. */
  readonly backward: readonly Backward[]
}

/** Differentiates a graph while it is made: each operation notes how its inputs' gradients are computed. Values are names. */
export class Tape {
  private readonly graph: Graph
  private readonly operations: Operation[] = []

  constructor(graph: Graph) {
    this.graph = graph
  }

  /** [n, k] · [k, m] */
  matMul(left: string, right: string): string {
    return this.record(
      'MatMul',
      [left, right],
      (gradient) => this.graph.node('Gemm', [gradient, right], { transB: 1 }),
      (gradient) => this.graph.node('Gemm', [left, gradient], { transA: 1 }),
    )
  }

  /** [n, m] + [m] in every row */
  addRow(matrix: string, row: string): string {
    const columnSums = (gradient: string) =>
      this.graph.node('ReduceSum', [gradient, this.graph.integers([0])], { keepdims: 0 })
    return this.record('Add', [matrix, row], unchanged, columnSums)
  }

  /** Of equal shapes, as all below. */
  add(left: string, right: string): string {
    return this.record('Add', [left, right], unchanged, unchanged)
  }

  subtract(left: string, right: string): string {
    const negative = (gradient: string) => this.graph.node('Neg', [gradient])
    return this.record('Sub', [left, right], unchanged, negative)
  }

  multiply(left: string, right: string): string {
    return this.record(
      'Mul',
      [left, right],
      (gradient) => this.graph.node('Mul', [gradient, right]),
      (gradient) => this.graph.node('Mul', [gradient, left]),
    )
  }

  /** slope = 1 above zero, else 0: to a Boolean and back takes less time than Sign */
  relu(x: string): string {
    const output = this.record('Relu', [x], (gradient) => {
      const isActive = this.graph.node('Cast', [output], { to: ELEMENT_TYPES.bool })
      const slope = this.graph.node('Cast', [isActive], { to: ELEMENT_TYPES.float32 })
      return this.graph.node('Mul', [gradient, slope])
    })
    return output
  }

  /** slope = y (1 − y) */
  sigmoid(x: string): string {
    const output = this.record('Sigmoid', [x], (gradient) => {
      const square = this.graph.node('Mul', [output, output])
      return this.graph.node('Mul', [gradient, this.graph.node('Sub', [output, square])])
    })
    return output
  }

  /** slope = 1 − y² */
  tanh(x: string): string {
    const output = this.record('Tanh', [x], (gradient) => {
      const square = this.graph.node('Mul', [output, output])
      const slope = this.graph.node('Sub', [this.graph.scalar(1), square])
      return this.graph.node('Mul', [gradient, slope])
    })
    return output
  }

  /**
   * Adds the backward pass.
   * @param slopes gradient of the loss by each value that it depends on directly
   * @param wanted values whose gradients are asked for
   * @returns those gradients by value, and those on the way to them; none of a value that the loss does not depend on
   */
  gradients(
    slopes: ReadonlyMap<string, string>,
    wanted: readonly string[],
  ): ReadonlyMap<string, string> {
    const onTheWay = new Set(wanted)
    for (const { output, inputs } of this.operations) {
      if (inputs.some((input) => onTheWay.has(input))) onTheWay.add(output)
    }
    const gradients = new Map(slopes)
    for (const { output, inputs, backward } of this.operations.toReversed()) {
      const gradient = gradients.get(output)
      if (gradient === undefined) continue
      for (const [index, input] of inputs.entries()) {
        if (!onTheWay.has(input)) continue
        const part = backward[index](gradient)
        const sofar = gradients.get(input)
        gradients.set(input, sofar === undefined ? part : this.graph.node('Add', [sofar, part]))
      }
    }
    return gradients
  }

  private record(operator: string, inputs: readonly string[], ...backward: Backward[]): string {
    const output = this.graph.node(operator, inputs)
    this.operations.push({ output, inputs, backward })
    return output
  }
}

function unchanged(gradient: string): string {
  return gradient
}
