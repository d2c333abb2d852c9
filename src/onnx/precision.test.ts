import { expect, it } from 'vitest'
import { GraphBuilder } from './graph-builder.ts'
import { precisionOf } from './precision.ts'

function modelWith(add: (graph: GraphBuilder) => void): Uint8Array {
  const graph = new GraphBuilder('weights')
  add(graph)
  return graph.model()
}

it('is that of most weights, by number', () => {
  const mostly = (bytes: number, floats: number) =>
    modelWith((graph) => {
      graph.constant([floats], new Float32Array(floats))
      graph.constant([bytes, 1], new Int8Array(bytes))
      graph.constant([100_000], new Int32Array(100_000))
      graph.integers([1, 2, 3])
    })
  expect(precisionOf(mostly(50, 49))).toBe('INT8')
  expect(precisionOf(mostly(49, 50))).toBe('FP32')
})

it('counts the constants of loop bodies', () => {
  const model = modelWith((graph) => {
    graph.scalar(1)
    const body = graph.body('step')
    body.constant([2, 2], new Uint8Array(4))
    graph.nodes('Scan', ['x'], 1, { body, num_scan_inputs: 1 })
  })
  expect(precisionOf(model)).toBe('INT8')
})

it('is FP32 without weights', () => {
  expect(precisionOf(modelWith(() => {}))).toBe('FP32')
})
