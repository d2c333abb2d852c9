import { expect, it } from 'vitest'
import { Evaluator } from './evaluator.ts'
import { flatGradient, lengthOf, splitVector, viewsOf } from './parameter-layout.ts'

const LAYOUT = { weights: [2, 3], none: [0, 3], bias: [3], last: [1, 1] }
const VECTOR = Float32Array.from({ length: 10 }, (_, i) => i)

it('gives windows into the vector, in order and without a gap', () => {
  expect(lengthOf(LAYOUT)).toBe(10)
  const vector = VECTOR.slice()
  const { weights, none, bias, last } = viewsOf(LAYOUT, vector)
  expect([...weights]).toEqual([0, 1, 2, 3, 4, 5])
  expect(none).toHaveLength(0)
  expect([...bias]).toEqual([6, 7, 8])
  last[0] = -1
  expect(vector[9]).toBe(-1)
})

it('takes a vector apart in a graph, and gradients together', () => {
  const graph = new Evaluator()
  const vector = graph.input('vector', [10])
  const parts = splitVector(graph, LAYOUT, vector)
  expect(Object.keys(parts)).toEqual(['weights', 'bias', 'last'])
  const gradients = new Map([
    [parts.weights, graph.node('Neg', [parts.weights])],
    [parts.last, parts.last],
  ])
  const flat = flatGradient(graph, LAYOUT, parts, gradients)
  graph.data(vector).set(VECTOR)
  graph.run()
  // Nothing depends on the bias.
  expect([...graph.data(flat)]).toEqual([-0, -1, -2, -3, -4, -5, 0, 0, 0, 9])
})
