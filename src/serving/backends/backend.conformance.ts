/** What every back end does alike, and the small models it is tested with. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor as OnnxValue } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvalidInputError, UnavailableError } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { bytesOf } from '../../protocol/datatypes.ts'
import type { Tensor } from '../../protocol/messages.ts'
import { Random } from '../../random.ts'
import type { Catalogue } from '../models/catalogue.ts'
import type { Backend } from './backend.ts'
import { inferTogether } from './batches.ts'

/**
 * Writes a model x [batch, 3] → y = x W + b [batch, 2] and z = max(y, 0), with W = factor · [[1, 2], [3, 4], [5, 6]]
 * and b = [0.5, -0.5].
 */
export async function writeAffineModel(file: string, factor = 1): Promise<string> {
  const graph = new GraphBuilder('affine')
  const weights = Float32Array.of(1, 2, 3, 4, 5, 6).map((weight) => factor * weight)
  const bias = graph.constant([2], Float32Array.of(0.5, -0.5))
  const x = graph.input('x', 'float32', ['batch', 3])
  graph.node('Gemm', [x, graph.constant([3, 2], weights), bias], {}, { output: 'y' })
  graph.node('Relu', ['y'], {}, { output: 'z' })
  graph.output('y', 'float32', ['batch', 2])
  graph.output('z', 'float32', ['batch', 2])
  await writeFile(file, graph.model())
  return file
}

/** A catalogue of affine models: d0 with factor 1, d1 with factor 2. */
export async function affineCatalogue(directory: string): Promise<Catalogue> {
  const variant = async (name: string, factor: number) => ({
    name,
    file: await writeAffineModel(join(directory, `${name}.onnx`), factor),
    precision: 'FP32' as const,
    accuracyPercent: 90 - factor,
    accuracySource: 'made up',
  })
  return {
    model: 'affine',
    variants: [await variant('d0', 1), await variant('d1', 2)],
    input: { name: 'x', datatype: 'FP32', shape: [1, 3], mean: 0, scale: 1 },
    output: { name: 'y', shape: [1, 2] },
    labels: [],
    cascades: [],
  }
}

/** An input for affine models. @param values row-major, [batch, 3] */
export function affineInput(...values: number[]): Tensor {
  const data = bytesOf(Float32Array.from(values))
  return { name: 'x', datatype: 'FP32', shape: [values.length / 3, 3], data }
}

/** Elements of an FP32 tensor, however its bytes are aligned. */
export function floats(tensor: Tensor | undefined): number[] {
  return [...new Float32Array(Uint8Array.from(tensor?.data ?? []).buffer)]
}

/** Requests that the back end must be able to run at the same time. */
export const TOGETHER = 3

/** @param makeBackend a back end of the affine model `d0`, not yet loaded, and the model's file */
export function testBackend(makeBackend: () => { backend: Backend; file: string }): void {
  let backend: Backend
  let direct: InferenceSession

  beforeAll(async () => {
    const made = makeBackend()
    backend = made.backend
    direct = await InferenceSession.create(made.file)
  })

  afterAll(() => direct.release())

  test('is not ready and knows nothing before it is loaded', async () => {
    expect(backend.ready).toBe(false)
    expect(() => backend.metadata).toThrow(UnavailableError)
    const early = backend.infer({ inputs: [affineInput(1, 2, 3)] })
    await expect(early).rejects.toThrow(UnavailableError)
  })

  test('describes its model once loaded', async () => {
    await backend.load()
    expect(backend.ready).toBe(true)
    expect(backend.metadata).toMatchObject({
      name: 'd0',
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [-1, 2] },
        { name: 'z', datatype: 'FP32', shape: [-1, 2] },
      ],
    })
  })

  describe('loaded', () => {
    testAnswers(() => backend)
    testRefusals(() => backend)

    test('equals a direct run bit for bit, over random batches', async () => {
      const random = new Random(11)
      for (let request = 0; request < 30; request++) {
        const batch = 1 + random.integer(9)
        const values = Float32Array.from({ length: batch * 3 }, () => 100 * random.normal())
        const expected = await direct.run({ x: new OnnxValue('float32', values, [batch, 3]) })
        const { outputs } = await backend.infer({ inputs: [affineInput(...values)] })
        for (const { name, data } of outputs) {
          const bytes = bytesOf(expected[name]?.data as Float32Array)
          expect(Buffer.compare(data, bytes)).toBe(0)
        }
      }
    })
  })

  test('is not ready after it is unloaded, and can be loaded again', async () => {
    await backend.unload()
    expect(backend.ready).toBe(false)
    const late = backend.infer({ inputs: [affineInput(1, 2, 3)] })
    await expect(late).rejects.toThrow(UnavailableError)
    await backend.load()
    const { outputs } = await backend.infer({ inputs: [affineInput(1, 1, 1)] })
    expect(floats(outputs[0])).toEqual([9.5, 11.5])
  })
}

function testAnswers(backend: () => Backend): void {
  test('answers rows that are run together as each alone, and refuses none for another', async () => {
    const rows = [affineInput(1, 2, 3), affineInput(0, 1, 0), affineInput(-4, 0.5, 9)]
    const alone: Tensor[][] = []
    for (const input of rows) alone.push([...(await backend().infer({ inputs: [input] })).outputs])
    const answered = async (inputs: readonly Tensor[]) => {
      const results = await inferTogether(
        backend(),
        inputs.map((input) => ({ inputs: [input] })),
      )
      return results.map((result) => (result.status === 'fulfilled' ? result.value.outputs : []))
    }
    const plain = (answers: readonly (readonly Tensor[])[]) =>
      answers.map((outputs) => outputs.map((y) => [y.name, [...y.shape], floats(y)]))
    expect(plain(await answered(rows))).toEqual(plain(alone))
    const wrong = { ...affineInput(1, 2, 3), name: 'image' }
    const mixed = await answered([wrong, affineInput(1, 2, 3), affineInput(0, 1, 0)])
    expect(plain(mixed)).toEqual(plain([[], alone[0] ?? [], alone[1] ?? []]))
  })

  test('answers with all outputs in the model’s order', async () => {
    const { outputs } = await backend().infer({ inputs: [affineInput(1, 2, -3, 0, 1, 0)] })
    // [1 + 6 - 15 + 0.5, 2 + 8 - 18 - 0.5] and [3 + 0.5, 4 - 0.5]
    expect(outputs.map(({ name }) => name)).toEqual(['y', 'z'])
    expect(outputs.map(({ shape }) => [...shape])).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect(floats(outputs[0])).toEqual([-7.5, -8.5, 3.5, 3.5])
    expect(floats(outputs[1])).toEqual([0, 0, 3.5, 3.5])
    for (const { datatype } of outputs) expect(datatype).toBe('FP32')
  })

  test('answers with the outputs requested, in that order', async () => {
    const inputs = [affineInput(1, 0, 0)]
    const both = await backend().infer({ inputs, outputs: [{ name: 'z' }, { name: 'y' }] })
    expect(both.outputs.map(({ name }) => name)).toEqual(['z', 'y'])
    const one = await backend().infer({ inputs, outputs: [{ name: 'z' }] })
    expect(one.outputs.map(({ name }) => name)).toEqual(['z'])
    expect(floats(one.outputs[0])).toEqual([1.5, 1.5])
  })

  test('takes inputs at any place in a larger buffer', async () => {
    const body = new Uint8Array(32)
    body.set(affineInput(1, 1, 1).data, 5)
    const input = { ...affineInput(0, 0, 0), data: body.subarray(5, 17) }
    const { outputs } = await backend().infer({ inputs: [input] })
    expect(floats(outputs[0])).toEqual([9.5, 11.5])
  })

  test('says how long it took', async () => {
    const { computeMs } = await backend().infer({ inputs: [affineInput(1, 2, 3)] })
    expect(computeMs).toBeGreaterThan(0)
  })

  test('answers requests sent together, each with its own', async () => {
    const answers = Array.from({ length: TOGETHER }, (_, value) =>
      backend().infer({ inputs: [affineInput(value, 0, 0)], outputs: [{ name: 'y' }] }),
    )
    const ys = (await Promise.all(answers)).map(({ outputs }) => floats(outputs[0])[0])
    expect(ys).toEqual(Array.from({ length: TOGETHER }, (_, value) => value + 0.5))
  })
}

function testRefusals(backend: () => Backend): void {
  const good = affineInput(1, 2, 3)
  const refusals: readonly [problem: string, inputs: Tensor[], words: RegExp][] = [
    ['no input', [], /"x"/],
    ['an unknown input', [{ ...good, name: 'image' }], /"image".*x/],
    ['an input too many', [good, { ...good, name: 'extra' }], /"extra"/],
    ['an input twice', [good, good], /"x".*twice/],
    ['another datatype', [{ ...good, datatype: 'INT32' }], /INT32.*FP32/],
    ['another shape', [{ ...good, shape: [3, 1] }], /\[3,1\].*\[-1,3\]/],
    ['another rank', [{ ...good, shape: [3] }], /\[3\].*\[-1,3\]/],
  ]

  test.each(refusals)('refuses %s, naming it', async (_problem, inputs, words) => {
    const refused = backend().infer({ inputs })
    await expect(refused).rejects.toThrow(InvalidInputError)
    await expect(refused).rejects.toThrow(words)
    expect(() => backend().check({ inputs })).toThrow(words)
  })

  test('refuses an output that the model does not have, and one asked for twice', async () => {
    const unknown = backend().infer({ inputs: [good], outputs: [{ name: 'logits' }] })
    await expect(unknown).rejects.toThrow(InvalidInputError)
    await expect(unknown).rejects.toThrow(/"logits".*y, z/)
    const twice = backend().infer({ inputs: [good], outputs: [{ name: 'y' }, { name: 'y' }] })
    await expect(twice).rejects.toThrow(/"y".*twice/)
  })

  test('refuses a request that is cancelled already', async () => {
    const cancelled = backend().infer({ inputs: [good] }, AbortSignal.abort())
    await expect(cancelled).rejects.toThrow()
  })
}
