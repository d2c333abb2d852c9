import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { floats, writeAffineModel } from './backend.conformance.ts'
import { OnnxModel } from './onnx-model.ts'

let directory: string
let affine: OnnxModel

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onnx-model-'))
  const file = await writeAffineModel(join(directory, 'affine.onnx'))
  affine = await OnnxModel.load({ variant: 'd0', file })
})

afterAll(async () => {
  await affine.release()
  await rm(directory, { recursive: true })
})

test('states inputs and outputs with datatypes, -1 for open sizes', () => {
  expect(affine.signature).toEqual({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
    outputs: [
      { name: 'y', datatype: 'FP32', shape: [-1, 2] },
      { name: 'z', datatype: 'FP32', shape: [-1, 2] },
    ],
  })
})

describe('running', () => {
  test('reads an input where it lies in the memory', async () => {
    const memory = new ArrayBuffer(64)
    new Float32Array(memory, 16, 3).set([1, 1, 1])
    const inputs = [{ name: 'x', shape: [1, 3], offset: 16 }]
    const [y] = await affine.run(memory, inputs, ['y'])
    expect(y).toMatchObject({ name: 'y', datatype: 'FP32', shape: [1, 2] })
    expect(floats(y)).toEqual([9.5, 11.5])
  })

  test('names an input or output that does not exist', async () => {
    const memory = new ArrayBuffer(16)
    const wrong = affine.run(memory, [{ name: 'image', shape: [1, 3], offset: 0 }], ['y'])
    await expect(wrong).rejects.toThrow('"image"')
    const right = [{ name: 'x', shape: [1, 3], offset: 0 }]
    await expect(affine.run(memory, right, ['logits'])).rejects.toThrow('logits')
  })

  test('does not read past the memory', async () => {
    const inputs = [{ name: 'x', shape: [1000, 3], offset: 0 }]
    await expect(affine.run(new ArrayBuffer(16), inputs, ['y'])).rejects.toThrow(RangeError)
  })
})

describe('warming up', () => {
  test('fills open sizes from the shape given, or with 1', async () => {
    await affine.warmUp(2, [4, 3])
    await affine.warmUp(1, [])
  })

  test('fails on sizes that the model cannot take', async () => {
    const graph = new GraphBuilder('pair')
    const x = graph.input('x', 'float32', ['n', 2])
    graph.node('Add', [x, graph.constant([3, 2], new Float32Array(6))], {}, { output: 'y' })
    graph.output('y', 'float32', [3, 2])
    const file = join(directory, 'pair.onnx')
    await writeFile(file, graph.model())
    const model = await OnnxModel.load({ variant: 'd3', file })
    await model.warmUp(1, [3, 2])
    await expect(model.warmUp(1, [5, 2])).rejects.toThrow()
    await model.release()
  })
})

describe('loading', () => {
  test('names variant and file of a model that is missing', async () => {
    const file = join(directory, 'gone.onnx')
    const loading = OnnxModel.load({ variant: 'd5', file })
    await expect(loading).rejects.toThrow(ConfigError)
    await expect(loading).rejects.toThrow(`variant d5: there is no model file ${file}`)
  })

  test('names variant and file of a directory in place of a model', async () => {
    const loading = OnnxModel.load({ variant: 'd5', file: directory })
    await expect(loading).rejects.toThrow(`variant d5: ${directory} is not a usable ONNX model`)
  })

  test('says which operator is unknown', async () => {
    const graph = new GraphBuilder('strange')
    graph.node('Teleport', [graph.input('x', 'float32', [1])], {}, { output: 'y' })
    graph.output('y', 'float32', [1])
    const file = join(directory, 'strange.onnx')
    await writeFile(file, graph.model())
    const loading = OnnxModel.load({ variant: 'd5', file })
    await expect(loading).rejects.toThrow(ConfigError)
    await expect(loading).rejects.toThrow('Teleport')
  })

  test('refuses a model that takes text, naming the input', async () => {
    const graph = new GraphBuilder('words')
    graph.node('Identity', [graph.input('words', 'int64', [2])], {}, { output: 'y' })
    graph.output('y', 'int64', [2])
    // The builder writes no text tensors: turn element type 7 (int64), before a shape (0x12), into 8 (string).
    const model = Buffer.from(graph.model())
    for (let at = model.indexOf('080712', 0, 'hex'); at >= 0; ) {
      model[at + 1] = 8
      at = model.indexOf('080712', at, 'hex')
    }
    const file = join(directory, 'words.onnx')
    await writeFile(file, model)
    const loading = OnnxModel.load({ variant: 'd5', file })
    await expect(loading).rejects.toThrow(ConfigError)
    await expect(loading).rejects.toThrow(`variant d5: "words" of ${file} is string; only tensors`)
  })
})

test('names variant, file and shape where a model cannot be warmed up', async () => {
  const file = fileURLToPath(new URL('../models/fixtures/reshapefail.onnx', import.meta.url))
  const model = await OnnxModel.load({ variant: 'bent', file })
  await expect(model.warmUp(1, [3])).rejects.toThrow(
    /variant bent: .*reshapefail\.onnx cannot run on zeros in "x" \[3\]: .*Reshape/,
  )
  await model.release()
})
