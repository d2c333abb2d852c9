import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import type { Catalogue } from './models/catalogue.ts'
import { createRuntime, SERVER_LIMITS } from './runtime.ts'

const place = { url: 'http://127.0.0.1:9', model: 'large' }

function catalogueOf(...files: Catalogue['variants'][number]['file'][]): Catalogue {
  return {
    model: 'affine',
    variants: files.map((file, index) => ({
      name: `d${index}`,
      file,
      precision: 'FP32',
      accuracyPercent: 90,
      accuracySource: 'made up',
    })),
    input: { name: 'x', datatype: 'FP32', shape: [1, 3], mean: 0, scale: 1 },
    output: { name: 'y', shape: [1, 2] },
    labels: [],
    cascades: [],
  }
}

test('workers run files, a server is asked several things at once', async () => {
  const own = createRuntime({ catalogue: catalogueOf('/a.onnx'), workers: 3 })
  expect(own.capacity).toBe(3)
  const catalogue = catalogueOf(place)
  const remote = createRuntime({ catalogue, workers: 3 })
  expect(remote.capacity).toBe(SERVER_LIMITS.concurrency)
  const limited = createRuntime({ catalogue, workers: 3, serverLimits: { concurrency: 9 } })
  expect(limited.capacity).toBe(9)
  expect(limited.replace).toBeUndefined()
  for (const { pool } of [own, remote, limited]) await pool.close()
})

test('a node does one or the other, and emulates no speed of a server', () => {
  const mixed = () => createRuntime({ catalogue: catalogueOf('/a.onnx', place), workers: 1 })
  expect(mixed).toThrow(ConfigError)
  expect(mixed).toThrow(/run d0 from files, and another server has d1/)
  const dilation = { slowdown: 2 }
  expect(() => createRuntime({ catalogue: catalogueOf(place), workers: 1, dilation })).toThrow(
    /cannot be emulated/,
  )
})
