import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvalidInputError, UnavailableError } from '../../errors.ts'
import { affineInput, TOGETHER, testBackend, writeAffineModel } from './backend.conformance.ts'
import { OnnxBackend } from './onnx-backend.ts'
import { WorkerPool } from './worker-pool.ts'

let directory: string
let pool: WorkerPool

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onnx-backend-'))
  const file = await writeAffineModel(join(directory, 'd0.onnx'))
  pool = new WorkerPool({
    models: [{ variant: 'd0', file }],
    workers: TOGETHER,
    warmUpShape: [1, 3],
  })
})

afterAll(() => rm(directory, { recursive: true }))

describe('conformance', () => {
  testBackend(() => ({ backend: new OnnxBackend(pool, 'd0'), file: join(directory, 'd0.onnx') }))
})

describe('ONNX back end', () => {
  test('refuses a tensor with more or fewer bytes than its shape says', async () => {
    const backend = new OnnxBackend(pool, 'd0')
    await backend.load()
    const short = backend.infer({ inputs: [{ ...affineInput(1, 2, 3), shape: [2, 3] }] })
    await expect(short).rejects.toThrow(InvalidInputError)
    await expect(short).rejects.toThrow('input "x" is FP32 [2,3], which is 24 bytes; it has 12')
    const negative = backend.infer({ inputs: [{ ...affineInput(1, 2, 3), shape: [-1, 3] }] })
    await expect(negative).rejects.toThrow(InvalidInputError)
  })

  test('serves an empty batch', async () => {
    const backend = new OnnxBackend(pool, 'd0')
    await backend.load()
    const { outputs } = await backend.infer({ inputs: [{ ...affineInput(), shape: [0, 3] }] })
    expect(outputs.map(({ shape, data }) => [[...shape], data.byteLength])).toEqual([
      [[0, 2], 0],
      [[0, 2], 0],
    ])
  })

  test('does not load a variant that the workers do not hold', async () => {
    const backend = new OnnxBackend(pool, 'd7')
    await expect(backend.load()).rejects.toThrow(UnavailableError)
    expect(backend.ready).toBe(false)
  })

  test('is not ready, and says so, once its workers are gone', async () => {
    const backend = new OnnxBackend(pool, 'd0')
    await backend.load()
    await pool.close()
    expect(backend.ready).toBe(false)
    const late = backend.infer({ inputs: [affineInput(1, 2, 3)] })
    await expect(late).rejects.toThrow(UnavailableError)
  })
})
