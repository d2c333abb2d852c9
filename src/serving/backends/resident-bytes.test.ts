import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UnavailableError } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { residentBytes } from './resident-bytes.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resident-bytes-'))
})

afterAll(() => rm(directory, { recursive: true }))

test('counts a model’s weights', async () => {
  const megabytes = 48
  const graph = new GraphBuilder('heavy')
  const weights = new Float32Array((megabytes * 2 ** 20) / 4).fill(1)
  const x = graph.input('x', 'float32', [1])
  graph.node('Add', [x, graph.constant([weights.length], weights)], {}, { output: 'sum' })
  const axes = graph.integers([0])
  graph.node('ReduceSum', ['sum', axes], {}, { output: 'y' })
  graph.output('y', 'float32', [1])
  const file = join(directory, 'heavy.onnx')
  await writeFile(file, graph.model())
  const bytes = await residentBytes(file, [1])
  expect(bytes / 2 ** 20).toBeGreaterThan(megabytes - 1)
  expect(bytes / 2 ** 20).toBeLessThan(megabytes * 8)
})

test('fails clearly on a file that is no model', async () => {
  const file = join(directory, 'text.onnx')
  await writeFile(file, 'no model')
  await expect(residentBytes(file, [1])).rejects.toThrow(UnavailableError)
  await expect(residentBytes(file, [1])).rejects.toThrow(file)
})
