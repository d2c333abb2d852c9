import { describe, expect, it } from 'vitest'
import type { GraphBuilder } from '../../onnx/graph-builder.ts'
import { onnxGradient } from './finite-differences.fixture.ts'
import { Tape } from './tape.ts'

/** The gradient at θ of what the tape computes from θ as a column, summed up with the given weights. */
function gradientOf(
  theta: readonly number[],
  weights: readonly number[],
  compute: (tape: Tape, column: string, graph: GraphBuilder) => string,
): number[] {
  const dimensions = [weights.length, 1]
  const loss = {
    feeds: { weights: { data: Float32Array.from(weights), dimensions } },
    gradientNorm: 1,
    build: (graph: GraphBuilder, parameters: string) => {
      const tape = new Tape(graph)
      const shape = graph.integers([theta.length, 1])
      const column = graph.node('Reshape', [parameters, shape])
      const output = compute(tape, column, graph)
      const gradients = tape.gradients(new Map([[output, 'weights']]))
      const flat = graph.node('Reshape', [gradients.get(column) as string, graph.integers([-1])])
      return { gradient: flat, report: graph.constant([1], Float32Array.of(0)) }
    },
  }
  return [...onnxGradient(loss, Float32Array.from(theta)).gradient]
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5))

describe('Tape', () => {
  it.each([
    ['relu', [0, 10], (tape: Tape, x: string) => tape.relu(x)],
    ['twice itself', [2, 20], (tape: Tape, x: string) => tape.add(x, x)],
    ['nothing left', [0, 0], (tape: Tape, x: string) => tape.subtract(x, x)],
    ['its square', [-2, 60], (tape: Tape, x: string) => tape.multiply(x, x)],
    ['relu of relu', [0, 10], (tape: Tape, x: string) => tape.relu(tape.relu(x))],
  ] as const)('knows the slope of %s', (_, expected, compute) => {
    expect(gradientOf([-1, 3], [1, 10], compute)).toEqual(near(expected))
  })

  it('knows the slopes of tanh and the logistic function', () => {
    const tanh = gradientOf([0.5, -2], [1, 1], (tape, x) => tape.tanh(x))
    expect(tanh).toEqual(near([0.5, -2].map((x) => 1 - Math.tanh(x) ** 2)))
    const logistic = (x: number) => 1 / (1 + Math.exp(-x))
    const sigmoid = gradientOf([0.5, -2], [1, 1], (tape, x) => tape.sigmoid(x))
    expect(sigmoid).toEqual(near([0.5, -2].map((x) => logistic(x) * (1 - logistic(x)))))
  })

  it('knows both sides of a product of matrices', () => {
    // [[1, 2], [3, 4], [5, 6]] · θ, weighted by 1, 10, 100
    const matrix = (graph: GraphBuilder) =>
      graph.constant([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))
    const right = gradientOf([7, 8], [1, 10, 100], (tape, x, graph) =>
      tape.matMul(matrix(graph), x),
    )
    expect(right).toEqual(near([531, 642]))
    // θ · [[3]], weighted by 1, 10
    const left = gradientOf([7, 8], [1, 10], (tape, x, graph) =>
      tape.matMul(x, graph.constant([1, 1], Float32Array.of(3))),
    )
    expect(left).toEqual(near([3, 30]))
  })

  it('adds up what a row gives to every row', () => {
    const gradient = gradientOf([7], [1, 10, 100], (tape, x, graph) =>
      tape.addRow(graph.constant([3, 1], new Float32Array(3)), x),
    )
    expect(gradient).toEqual(near([111]))
  })
})
