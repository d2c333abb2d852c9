import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { UnavailableError } from '../../errors.ts'
import { bytesOf, viewFloat32 } from '../../protocol/datatypes.ts'
import type { InferRequest, ModelMetadata, Tensor } from '../../protocol/messages.ts'
import type { Backend } from './backend.ts'
import { type BatchProfileOptions, NO_BATCHES, profileBatches } from './batch-profile.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const metadata: ModelMetadata = {
  name: 'v',
  platform: 'p',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
}

interface Fake {
  readonly callMs?: number
  readonly rowMs?: number
  /** Rows from which on it fails. */
  readonly failsFrom?: number
  readonly isMixing?: boolean
  readonly told?: ModelMetadata
}

/** Gives back the first two numbers of each row, after a time that depends on the number of rows. */
function backendOf({ callMs = 0, rowMs = 0, failsFrom, isMixing, told = metadata }: Fake) {
  const shapes: (readonly number[])[] = []
  const infer = async ({ inputs }: InferRequest) => {
    const [{ shape, data }] = inputs as [Tensor]
    shapes.push(shape)
    const [rows = 0] = shape
    if (failsFrom !== undefined && rows >= failsFrom) throw new UnavailableError('too many rows')
    await new Promise((resolve) => setTimeout(resolve, callMs + rowMs * rows))
    const values = viewFloat32({ name: 'x', datatype: 'FP32', shape, data })
    const each = values.length / rows
    const answer = new Float32Array(2 * rows)
    for (let row = 0; row < rows; row++) {
      const from = isMixing ? 0 : row * each
      answer.set(values.subarray(from, from + 2), 2 * row)
    }
    const y = { name: 'y', datatype: 'FP32' as const, shape: [rows, 2], data: bytesOf(answer) }
    return { outputs: [y], computeMs: 0 }
  }
  const nothing = async () => {}
  const backend: Backend = {
    ...{ ready: true, metadata: told, check: () => {} },
    ...{ infer, load: nothing, unload: nothing },
  }
  return { backend, shapes }
}

/** In simulated time. */
async function profile(backends: BatchProfileOptions['backends'], maxBatch: number) {
  const measured = profileBatches({ backends, openShape: [1, 3, 2], maxBatch })
  await vi.runAllTimersAsync()
  return measured
}

const profileOf = (fakes: Record<string, Fake>, maxBatch = 8) => {
  const all = Object.entries(fakes).map(([name, fake]) => [name, backendOf(fake).backend] as const)
  return profile(new Map(all), maxBatch)
}

test('sizes double as far as each doubling gains', async () => {
  // 50 ms, 60, 80, 120; of 16 at once 200, which is 1.2 times as many a second; of 32 at once 360, 1.11; of 64 680, 1.06.
  const { profile, said } = await profileOf({ v: { callMs: 40, rowMs: 10 } }, 128)
  expect(profile.sizes).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
  expect(Object.values(profile.ratios)[0]?.map((ratio) => ratio.toFixed(3))).toEqual([
    ...['1.200', '1.600', '2.400', '4.000', '7.200'],
  ])
  expect(said).toBe(
    'requests that wait are run together: up to 32 by v, in 7.20 times the time of one',
  )
})

test('up to the setting', async () => {
  const { profile } = await profileOf({ v: { callMs: 20 } }, 6)
  expect(profile.sizes).toEqual([1, 2, 4])
  expect(Object.values(profile.ratios)).toMatchObject([{ length: 2 }])
})

test('where rows take as long together as one by one, nothing changes, and it says so', async () => {
  const { profile, said } = await profileOf({ v: { rowMs: 25 } })
  expect(profile).toEqual(NO_BATCHES)
  expect(said).toBe('every request is run by itself: v: 2 at once take 2.00 times as long as 1')
})

test('each variant as far as it gains, all in the same sizes', async () => {
  const { profile, said } = await profileOf({
    heavy: { rowMs: 25 },
    light: { callMs: 20 },
    fixed: { told: { ...metadata, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 2] }] } },
    bounded: { callMs: 20, failsFrom: 4 },
  })
  expect(profile.sizes).toEqual([1, 2, 4, 8])
  const gained = Object.entries(profile.ratios).map(([name, ratios]) => [name, ratios.length])
  expect(Object.fromEntries(gained)).toEqual({ heavy: 0, light: 3, fixed: 0, bounded: 1 })
  expect(said).toMatch(/up to 8 by light, .*; up to 2 by bounded, /)
})

test('not by a model whose answers depend on the rows beside', async () => {
  const { profile, said } = await profileOf({ v: { callMs: 5, isMixing: true } })
  expect(profile).toEqual(NO_BATCHES)
  expect(said).toBe(
    'every request is run by itself: v: its answer to a row depends on the rows beside it',
  )
})

test('sizes that the model leaves open are those of the catalogue', async () => {
  const { backend, shapes } = backendOf({ callMs: 5 })
  await profile(new Map([['v', backend]]), 2)
  expect(new Set(shapes.map((shape) => shape.join()))).toEqual(new Set(['1,3,2', '2,3,2']))
})
