import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { type Attributes, ELEMENT_TYPES, type Graph } from '../../onnx/graph-builder.ts'
import { Random } from '../../random.ts'
import { Evaluator } from './evaluator.ts'
import { BACK_ENDS } from './finite-differences.fixture.ts'
import type { Loss } from './training.ts'

/** A matrix, another of as many columns, another of its size, a row, a column. */
const INPUTS = { x: [3, 4], wide: [5, 4], like: [3, 4], row: [4], column: [3, 1] } as const
const MATRIX = [3, 4]

/** What is computed, and its dimensions. */
type Example = readonly [string, readonly number[], (graph: Graph) => string]

const one =
  (operator: string, inputs: readonly string[], attributes: Attributes = {}) =>
  (graph: Graph) =>
    graph.node(operator, inputs, attributes)

const EXAMPLES: readonly Example[] = [
  ['Add', MATRIX, one('Add', ['x', 'like'])],
  ['Add a row', MATRIX, one('Add', ['x', 'row'])],
  ['Add to a row', MATRIX, one('Add', ['row', 'x'])],
  ['Sub a column', MATRIX, one('Sub', ['x', 'column'])],
  ['Sub a column of a row', MATRIX, one('Sub', ['row', 'column'])],
  ['Mul a scalar', MATRIX, (graph) => graph.node('Mul', ['x', graph.scalar(3)])],
  ['Mul vectors', [4], one('Mul', ['row', 'row'])],
  ['Neg', MATRIX, one('Neg', ['x'])],
  ['Relu', MATRIX, one('Relu', ['x'])],
  ['Sigmoid', MATRIX, one('Sigmoid', ['x'])],
  ['Tanh', MATRIX, one('Tanh', ['x'])],
  [
    'Cast to Boolean and back',
    MATRIX,
    (graph) => {
      const isActive = graph.node('Cast', [graph.node('Relu', ['x'])], { to: ELEMENT_TYPES.bool })
      return graph.node('Cast', [isActive], { to: ELEMENT_TYPES.float32 })
    },
  ],
  ['Clip', MATRIX, (graph) => graph.node('Clip', ['x', graph.scalar(-0.5), graph.scalar(0.25)])],
  ['MatMul', [3, 1], (graph) => graph.node('MatMul', ['x', matrixOf(graph, 'row', [4, 1])])],
  ['Gemm of a transpose', [4, 4], one('Gemm', ['x', 'like'], { transA: 1 })],
  ['Gemm by a transpose', [3, 5], one('Gemm', ['x', 'wide'], { transB: 1 })],
  [
    'Gemm of both',
    [1, 1],
    (graph) => {
      const column = matrixOf(graph, 'row', [4, 1])
      return graph.node('Gemm', [column, matrixOf(graph, 'row', [1, 4])], { transA: 1, transB: 1 })
    },
  ],
  [
    'ReduceSum',
    [4],
    (graph) => graph.node('ReduceSum', ['x', graph.integers([0])], { keepdims: 0 }),
  ],
  [
    'Split and Concat',
    [4],
    (graph) => {
      const [first, second] = graph.nodes('Split', ['row', graph.integers([1, 3])], 2, { axis: 0 })
      return graph.node('Concat', [second, first], { axis: 0 })
    },
  ],
]

function matrixOf(graph: Graph, value: string, dimensions: readonly number[]): string {
  return graph.node('Reshape', [value, graph.integers(dimensions)])
}

describe.each(EXAMPLES)('%s', (_, report, build) => {
  it('is computed as by ONNX Runtime', () => {
    const random = new Random(4)
    const draw = (length: number) => Float32Array.from({ length }, () => random.normal())
    const feeds = { x: draw(12), wide: draw(20), like: draw(12), row: draw(4), column: draw(3) }
    const loss: Loss<keyof typeof INPUTS> = {
      inputs: INPUTS,
      report,
      build: (graph, parameters) => ({
        gradient: graph.node('Neg', [parameters]),
        report: build(graph),
      }),
    }
    const [expected, actual] = BACK_ENDS.map(({ gradientOf }) => [
      ...gradientOf(loss, Float32Array.of(1), feeds).report,
    ])
    expect(actual).toEqual(expected.map((value) => expect.closeTo(value, 5)))
  })
})

it('computes anew what its inputs hold now', () => {
  const graph = new Evaluator()
  const x = graph.input('x', [2])
  const sum = graph.node('Add', [x, graph.scalar(1)])
  graph.data(x).set([1, 2])
  graph.run()
  expect([...graph.data(sum)]).toEqual([2, 3])
  graph.data(x).set([5, 6])
  graph.run()
  expect([...graph.data(sum)]).toEqual([6, 7])
})

it('says what it does not know', () => {
  const graph = new Evaluator()
  const x = graph.input('x', [2])
  expect(() => graph.node('Conv', [x])).toThrow(InvalidInputError)
  expect(() => graph.node('Conv', [x])).toThrow('operator "Conv" is not among those')
  expect(() => graph.data('y')).toThrow('no value is called "y"')
})
