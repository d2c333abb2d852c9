import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { GraphBuilder } from './graph-builder.ts'

const float32 = (dims: readonly number[], ...values: number[]) =>
  new Tensor('float32', Float32Array.from(values), dims)

async function run(graph: GraphBuilder, feeds: Record<string, Tensor>) {
  const session = await InferenceSession.create(graph.model(), { logSeverityLevel: 3 })
  try {
    return await session.run(feeds)
  } finally {
    await session.release()
  }
}

const values = (tensor: { data: unknown } | undefined) => Array.from(tensor?.data as Float32Array)

it('writes a layer that ONNX Runtime runs, with a batch size known only at run time', async () => {
  const graph = new GraphBuilder('affine')
  const x = graph.input('x', 'float32', ['batch', 2])
  const weights = graph.constant([2, 2], Float32Array.of(1, 2, 3, 4))
  const bias = graph.constant([2], Float32Array.of(-10, 1))
  graph.node('Relu', [graph.node('Gemm', [x, weights, bias])], {}, { output: 'y' })
  graph.output('y', 'float32', ['batch', 2])

  // [1 1] -> [1+3-10, 2+4+1]; [5 2] -> [5+6-10, 10+8+1]
  const { y } = await run(graph, { x: float32([2, 2], 1, 1, 5, 2) })
  expect(y?.dims).toEqual([2, 2])
  expect(values(y)).toEqual([0, 7, 1, 19])
})

it('writes nodes with several outputs, integer lists and negative integers', async () => {
  const graph = new GraphBuilder('split')
  const x = graph.input('x', 'float32', [5])
  const [head = '', tail = ''] = graph.nodes('Split', [x, graph.integers([2, 3])], 2, {
    axis: -1,
  })
  graph.nodes(
    'Split',
    [graph.node('Concat', [tail, head], { axis: 0 }), graph.integers([1, 4])],
    ['one', 'four'],
  )
  graph.output('one', 'float32', [1])
  graph.output('four', 'float32', [4])

  const { one, four } = await run(graph, { x: float32([5], 1, 2, 3, 4, 5) })
  expect(values(one)).toEqual([3])
  expect(values(four)).toEqual([4, 5, 1, 2])
})

it('writes every kind of attribute', async () => {
  const graph = new GraphBuilder('attributes')
  const x = graph.input('x', 'float32', [1, 1, 3, 3])
  const mean = graph.node('AveragePool', [x], {
    kernel_shape: [3, 3],
    auto_pad: 'VALID',
    count_include_pad: 0,
  })
  graph.node('LeakyRelu', [mean], { alpha: { float: 0.25 } }, { output: 'y' })
  graph.output('y', 'float32', [1, 1, 1, 1])

  const { y } = await run(graph, { x: float32([1, 1, 3, 3], -1, -2, -3, -4, -5, -6, -7, -8, 0) })
  expect(values(y)).toEqual([-1]) // mean -4, a quarter of it
})

it('stores every element type exactly, from a view into a larger buffer too', async () => {
  const constants = [
    Float32Array.of(0.1, -3e38),
    Uint8Array.of(0, 255),
    Int8Array.of(-128, 127),
    Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
    BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
    new Float32Array(Float32Array.of(9, 1, 2, 9).buffer, 4, 2),
  ]
  const types = ['float32', 'uint8', 'int8', 'int32', 'int64', 'float32'] as const
  const graph = new GraphBuilder('constants')
  constants.forEach((data, index) => {
    graph.node('Identity', [graph.constant([2], data)], {}, { output: `y${index}` })
    graph.output(`y${index}`, types[index] ?? 'float32', [2])
  })

  const outputs = await run(graph, {})
  constants.forEach((data, index) => {
    expect(outputs[`y${index}`]?.type).toBe(types[index])
    expect(outputs[`y${index}`]?.data).toEqual(data.slice())
  })
})

it('runs the operators of the com.microsoft domain', async () => {
  const graph = new GraphBuilder('microsoft')
  const x = graph.input('x', 'float32', [1])
  graph.node('QuickGelu', [x], { alpha: { float: 0 } }, { domain: 'com.microsoft', output: 'y' })
  graph.output('y', 'float32', [1])

  const { y } = await run(graph, { x: float32([1], 6) })
  expect(values(y)).toEqual([3]) // x · sigmoid(0)
})

it('runs a Scan whose body uses a value of the outer graph and names no value twice', async () => {
  const graph = new GraphBuilder('scan')
  const terms = graph.input('terms', 'float32', [3, 2])
  const zero = graph.constant([2], new Float32Array(2))
  const ten = graph.scalar(10)
  // Inputs of the body in the order of declaration: state, then scanned input.
  const step = graph.body('step')
  const state = step.input('sum', 'float32', [2])
  const term = step.input('term', 'float32', [2])
  const next = step.node('Add', [state, step.node('Mul', [term, ten])])
  step.output(next, 'float32', [2])
  step.output(step.node('Identity', [next]), 'float32', [2])
  graph.nodes('Scan', [zero, terms], ['total', 'running'], {
    body: step,
    num_scan_inputs: 1,
  })
  graph.output('total', 'float32', [2])
  graph.output('running', 'float32', [3, 2])

  const { total, running } = await run(graph, { terms: float32([3, 2], 1, 2, 3, 4, 5, 6) })
  expect(values(total)).toEqual([90, 120])
  expect(values(running)).toEqual([10, 20, 40, 60, 90, 120])
})

it('leaves checking to ONNX Runtime, which names the fault', async () => {
  const unknown = new GraphBuilder('unknown')
  unknown.node('NoSuchOperator', [unknown.input('x', 'float32', [1])], {}, { output: 'y' })
  unknown.output('y', 'float32', [1])
  await expect(run(unknown, {})).rejects.toThrow(/NoSuchOperator/)
})

it('writes the same bytes every time', () => {
  const build = () => {
    const graph = new GraphBuilder('same')
    graph.node('Add', [graph.input('x', 'float32', [1]), graph.scalar(1)], {}, { output: 'y' })
    graph.output('y', 'float32', [1])
    return graph.model()
  }
  expect(build()).toEqual(build())
})
