import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listSupportedBackends } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { writeAffineModel } from './backend.conformance.ts'
import { checkProviders, ranOn } from './execution-providers.ts'
import { operatorsText } from './operators.ts'
import { WorkerPool } from './worker-pool.ts'

let directory: string
let file: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'execution-providers-'))
  file = await writeAffineModel(join(directory, 'd0.onnx'))
})
afterAll(() => rm(directory, { recursive: true }))

const poolOf = (executionProviders: readonly string[]) =>
  new WorkerPool({
    ...{ models: [{ variant: 'd0', file }], workers: 2, warmUpShape: [1, 3] },
    executionProviders,
  })

test('counts the operators that each provider ran', async () => {
  // Gemm and Relu.
  expect(await ranOn(file, ['cpu'], [1, 3])).toEqual({ cpu: 2 })
  expect(operatorsText({ cpu: 3, cuda: 40 })).toBe('cuda (40 operators), cpu (3)')
})

test('a pool tells what ran its variants, where providers were named', async () => {
  const pool = poolOf(['cpu'])
  await pool.start()
  expect(pool.operators).toEqual({ d0: { cpu: 2 } })
  await pool.close()
})

test('refuses a provider that this runtime lacks, and says what it has', async () => {
  const has = listSupportedBackends().map(({ name }) => name)
  const unknown = poolOf(['hexagon', 'cpu'])
  await expect(unknown.start()).rejects.toThrow(ConfigError)
  const words = `has no hexagon on this machine: name some of ${has.join(', ')}`
  await expect(unknown.start()).rejects.toThrow(words)
  expect(() => checkProviders(has)).not.toThrow()
})

test.skipIf(listSupportedBackends().every(({ bundled }) => bundled))(
  'names the provider whose own libraries are not installed',
  async () => {
    const known = listSupportedBackends().find(({ bundled }) => !bundled)
    const pool = poolOf([known?.name ?? '', 'cpu'])
    // Where they are installed, it starts.
    const outcome = await pool.start().then(() => 'started', String)
    await pool.close()
    expect(outcome).toMatch(new RegExp(`^started$|cannot be loaded on ${known?.name}, cpu`))
  },
)
