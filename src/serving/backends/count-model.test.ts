import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { countModel } from './count-model.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-count-test-'))
})
afterAll(() => rm(directory, { recursive: true }))

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.onnx`, import.meta.url))
const floats = (...shape: number[]) =>
  [shape, new Float32Array(shape.reduce((product, size) => product * size, 1))] as const

/** Multiply-accumulates of a graph of one operator on x [2, 6, 8, 8], or another shape. */
async function macsOf(
  operator: string,
  weights: readonly (readonly [readonly number[], Float32Array])[],
  attributes = {},
  shape: readonly (number | string)[] = [2, 6, 8, 8],
): Promise<number> {
  const graph = new GraphBuilder('one')
  const inputs = weights.map(([dims, data]) => graph.constant(dims, data))
  graph.node(operator, [graph.input('x', 'float32', shape), ...inputs], attributes, { output: 'y' })
  graph.output('y', 'float32', [])
  const file = join(directory, `${operator}.onnx`)
  await writeFile(file, graph.model())
  return Math.round((await countModel(file, [5, 7])).megaMacs * 1e6)
}

describe('multiply-accumulates', () => {
  it('of a convolution: outputs × weights of one output channel', async () => {
    const weights = [floats(4, 3, 3, 3), floats(4)]
    const attributes = { group: 2, strides: [2, 2] }
    expect(await macsOf('Conv', weights, attributes)).toBe(2 * 4 * 3 * 3 * (3 * 3 * 3))
  })

  it('of a transposed one: inputs × weights of one input channel', async () => {
    expect(await macsOf('ConvTranspose', [floats(6, 5, 2, 2)])).toBe(2 * 6 * 8 * 8 * (5 * 2 * 2))
  })

  it('of matrix products, stacked and transposed, where the model leaves sizes open', async () => {
    expect(await macsOf('MatMul', [floats(8, 10)])).toBe(2 * 6 * 8 * 10 * 8)
    expect(await macsOf('Gemm', [floats(5, 3)], { transA: 1 }, [5, 'n'])).toBe(7 * 3 * 5)
  })

  it('of anything else are none', async () => {
    expect(await macsOf('Relu', [])).toBe(0)
  })
})

it.each([
  ['fp16', 3 * 4, 'FP16'],
  ['fixed8', 8 * 3 * 4, 'FP32'],
  ['initin', 3 * 4, 'FP32'],
])('counts %s, a file of another exporter', async (name, macs, precision) => {
  const counted = await countModel(fixture(name), [1, 3, 8, 8])
  expect(counted).toEqual({ megaMacs: macs / 1e6, precision })
})

it('refuses what is no model, and leaves nothing behind', async () => {
  const leftOvers = () =>
    readdirSync(tmpdir()).filter((name) => /^tierwise-count-\w{6}$/.test(name))
  const before = leftOvers()
  await expect(countModel(join(directory, 'none.onnx'), [])).rejects.toThrow(ConfigError)
  await countModel(fixture('initin'), [])
  expect(leftOvers()).toEqual(before)
})
