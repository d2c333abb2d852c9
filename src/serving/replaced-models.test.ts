import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { bytesOf, viewFloat32 } from '../protocol/datatypes.ts'
import { WorkerPool } from './backends/worker-pool.ts'
import { IntelligentService } from './intelligent-service.ts'
import { type Catalogue, loadCatalogue } from './models/catalogue.ts'

/** Two scores: `factor` times the two values. */
function model(factor: number, output = 'scores'): Uint8Array {
  const graph = new GraphBuilder('factor')
  graph.node('Mul', [graph.input('x', 'float32', [1, 2]), graph.scalar(factor)], {}, { output })
  graph.output(output, 'float32', [1, 2])
  return graph.model()
}

let folder: string
let catalogue: Catalogue
const file = (name: string) => join(folder, name)
const text = (named: string) => `model: m
input: { name: x, datatype: FP32, shape: [1, 2] }
output: { name: scores, shape: [1, 2] }
variants:
  - { name: v, file: ${named}, precision: FP32, accuracyPercent: 90, accuracySource: test }
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-replaced-'))
  await writeFile(file('v.onnx'), model(2))
  await writeFile(file('catalogue.yaml'), text('v.onnx'))
  catalogue = await loadCatalogue(file('catalogue.yaml'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Whole at once, as a careful user replaces a file. */
async function replaceFile(name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file('new'), content)
  await rename(file('new'), file(name))
}

const inputs = [
  { name: 'x', datatype: 'FP32', shape: [1, 2], data: bytesOf(Float32Array.of(1, 3)) },
] as const

describe('a pool', () => {
  const answerOf = async (pool: WorkerPool) => {
    const { outputs } = await pool.run('v', inputs, ['scores'])
    return outputs[0] && Array.from(viewFloat32(outputs[0]))
  }

  it('lets old workers finish and new ones take over; a bad file changes nothing', async () => {
    const models = [{ variant: 'v', file: file('v.onnx') }]
    const pool = new WorkerPool({ models, workers: 2, warmUpShape: [1, 2] })
    await pool.start()
    await writeFile(file('other.onnx'), model(5))
    const running = answerOf(pool)
    const replacing = pool.replace([{ variant: 'v', file: file('other.onnx') }])
    expect(await running).toEqual([2, 6])
    expect(await answerOf(pool)).toEqual([2, 6])
    await replacing
    expect(await answerOf(pool)).toEqual([5, 15])
    expect(pool.busyWorkers).toBe(0)

    await writeFile(file('bad.onnx'), model(7, 'others'))
    await copyFile(file('catalogue.yaml'), file('text.onnx'))
    for (const [name, message] of [
      ['bad.onnx', /variant v has other inputs or outputs now/],
      ['text.onnx', /is not a usable ONNX model/],
    ] as const) {
      const refused = pool.replace([{ variant: 'v', file: file(name) }])
      await expect(refused).rejects.toThrow(message)
      expect(await answerOf(pool)).toEqual([5, 15])
    }
    await pool.close()
  })
})

describe('a service that watches its catalogue', () => {
  it('serves by replaced files without a failed request, and stays with the old ones where the new are bad', async () => {
    const logger = { info: vi.fn(), warn: vi.fn() }
    const service = new IntelligentService({
      catalogue,
      catalogueFile: file('catalogue.yaml'),
      workers: 1,
      queueLimit: 8,
      logger,
    })
    await service.start()
    const answer = async () => {
      const { outputs } = await service.infer('v', { inputs })
      return outputs[0] && Array.from(viewFloat32(outputs[0]))
    }
    const waiting = { timeout: 15_000, interval: 50 }
    try {
      expect(await answer()).toEqual([2, 6])
      await replaceFile('v.onnx', model(3))
      await vi.waitFor(async () => expect(await answer()).toEqual([3, 9]), waiting)
      await writeFile(file('w.onnx'), model(4))
      await replaceFile('catalogue.yaml', text('w.onnx'))
      await vi.waitFor(async () => expect(await answer()).toEqual([4, 12]), waiting)
      expect(logger.warn).not.toHaveBeenCalled()

      await replaceFile('w.onnx', model(5, 'others'))
      await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledTimes(1), waiting)
      expect(logger.warn.mock.calls[0]?.[0]).toMatch(
        /those of before serve on: .*output\.name is "scores": variant v has "others"/,
      )
      await replaceFile('catalogue.yaml', text('none.onnx'))
      await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledTimes(2), waiting)
      expect(await answer()).toEqual([4, 12])
    } finally {
      await service.close()
    }
  })
})
