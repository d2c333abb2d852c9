import { describe, expect, it } from 'vitest'
import type { Graph } from '../../onnx/graph-builder.ts'
import { BACK_ENDS } from './finite-differences.fixture.ts'
import { Tape } from './tape.ts'
import type { Loss } from './training.ts'

type Compute = (tape: Tape, column: string, graph: Graph) => string

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5))

describe.each(BACK_ENDS)('a tape on $backEnd', ({ gradientOf }) => {
  /** The gradient at θ of what the tape computes from θ as a column, summed up with the given weights. */
  function slopesOf(theta: readonly number[], weights: readonly number[], compute: Compute) {
    const loss: Loss<'weights'> = {
      inputs: { weights: [weights.length, 1] },
      report: [weights.length, 1],
      build: (graph, parameters) => {
        const tape = new Tape(graph)
        const shape = graph.integers([theta.length, 1])
        const column = graph.node('Reshape', [parameters, shape])
        const output = compute(tape, column, graph)
        const gradients = tape.gradients(new Map([[output, 'weights']]), [column])
        const slopes = graph.node('Reshape', [gradients.get(column) ?? '', graph.integers([-1])])
        return { gradient: slopes, report: output }
      },
    }
    const feeds = { weights: Float32Array.from(weights) }
    return [...gradientOf(loss, Float32Array.from(theta), feeds).gradient]
  }

  it.each<[string, number[], Compute]>([
    ['relu', [0, 10], (tape, x) => tape.relu(x)],
    ['twice itself', [2, 20], (tape, x) => tape.add(x, x)],
    ['nothing left', [0, 0], (tape, x) => tape.subtract(x, x)],
    ['its square', [-2, 60], (tape, x) => tape.multiply(x, x)],
    ['relu of relu', [0, 10], (tape, x) => tape.relu(tape.relu(x))],
  ])('knows the slope of %s', (_, expected, compute) => {
    expect(slopesOf([-1, 3], [1, 10], compute)).toEqual(near(expected))
  })

  it('knows the slopes of tanh and the logistic function', () => {
    const tanh = slopesOf([0.5, -2], [1, 1], (tape, x) => tape.tanh(x))
    expect(tanh).toEqual(near([0.5, -2].map((x) => 1 - Math.tanh(x) ** 2)))
    const logistic = (x: number) => 1 / (1 + Math.exp(-x))
    const sigmoid = slopesOf([0.5, -2], [1, 1], (tape, x) => tape.sigmoid(x))
    expect(sigmoid).toEqual(near([0.5, -2].map((x) => logistic(x) * (1 - logistic(x)))))
  })

  it('knows both sides of a product of matrices', () => {
    // [[1, 2], [3, 4], [5, 6]] · θ, weighted by 1, 10, 100
    const matrix = (graph: Graph) => graph.constant([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))
    const right = slopesOf([7, 8], [1, 10, 100], (tape, x, graph) => tape.matMul(matrix(graph), x))
    expect(right).toEqual(near([531, 642]))
    // θ · [[3]], weighted by 1, 10
    const left = slopesOf([7, 8], [1, 10], (tape, x, graph) =>
      tape.matMul(x, graph.constant([1, 1], Float32Array.of(3))),
    )
    expect(left).toEqual(near([3, 30]))
  })

  it('adds up what a row gives to every row', () => {
    const zeros = new Float32Array(6)
    const loss: Loss<'weights'> = {
      inputs: { weights: [3, 2] },
      report: [3, 2],
      build: (graph, row) => {
        const tape = new Tape(graph)
        const output = tape.addRow(graph.constant([3, 2], zeros), row)
        const gradients = tape.gradients(new Map([[output, 'weights']]), [row])
        return { gradient: gradients.get(row) ?? '', report: output }
      },
    }
    const feeds = { weights: Float32Array.of(1, 2, 10, 20, 100, 200) }
    const { gradient, report } = gradientOf(loss, Float32Array.of(7, 8), feeds)
    expect([...gradient]).toEqual([111, 222])
    expect([...report]).toEqual([7, 8, 7, 8, 7, 8])
  })
})

it('computes no gradient that is not on the way to one that is asked for', () => {
  const nodes: string[] = []
  const graph: Graph = {
    node: (operator) => `${operator} ${nodes.push(operator)}`,
    nodes: () => [],
    constant: () => 'constant',
    scalar: () => 'scalar',
    integers: () => 'integers',
  }
  const tape = new Tape(graph)
  const hidden = tape.relu(tape.matMul('x', 'first'))
  const output = tape.matMul(hidden, 'second')
  nodes.length = 0
  expect(tape.gradients(new Map([[output, 'slope']]), ['second']).get('second')).toBe('Gemm 1')
  expect(nodes).toEqual(['Gemm'])
})
