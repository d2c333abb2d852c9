import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { OverloadedError as BusyError } from '../errors.ts'
import { DoublingHandler } from '../protocol/doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from '../protocol/server.ts'
import {
  InvalidInputError,
  NotFoundError,
  OverloadedError,
  type Tensor,
  TierwiseClient,
} from './client.ts'

const handler = new DoublingHandler()
let server: InferenceServer
let client: TierwiseClient
beforeAll(async () => {
  server = createInferenceServer(handler, { bodyLimitBytes: 100_000, port: 0 })
  await server.listen()
  client = new TierwiseClient(`${server.url}/`)
})
afterEach(() => {
  handler.before = async () => {}
})
afterAll(() => server.close())
const row = (data: Float32Array | number[]) => [
  { name: 'x', datatype: 'FP32' as const, shape: [1, 3], data },
]

it('answers lists with lists', async () => {
  const answer = await client.infer('double', row([1, -2.5, 3]), { id: 'one' })
  expect(answer.outputs.map(({ name, data }) => [name, data])).toEqual([
    ['doubled', [2, -5, 6]],
    ['sum', [1.5]],
  ])
  expect(answer).toMatchObject({ id: 'one', servedBy: 'end/d0', parameters: { seconds: 1 } })
  expect(answer.label).toBeUndefined()
  expect(answer.classes).toBeUndefined()
})

it('answers typed arrays with typed arrays, exactly, also of a part of a buffer', async () => {
  const tiny = Float32Array.of(9, 0.1, 3e-8, -0).subarray(1)
  const { outputs } = await client.infer('double', row(tiny))
  expect(outputs[0]?.data).toEqual(Float32Array.from(tiny, (value) => 2 * value))
})

it('gives back every datatype as it was', async () => {
  const sent = {
    BOOL: Uint8Array.of(1, 0),
    UINT8: Uint8Array.of(255, 1),
    UINT16: Uint16Array.of(65_535, 1),
    UINT32: Uint32Array.of(2 ** 32 - 1, 1),
    UINT64: BigUint64Array.of(2n ** 64n - 1n, 0n),
    INT8: Int8Array.of(-128, 1),
    INT16: Int16Array.of(-32_768, 1),
    INT32: Int32Array.of(-(2 ** 31), 1),
    INT64: BigInt64Array.of(-(2n ** 63n), 1n),
    // 1 and NaN, as their bits.
    FP16: Uint16Array.of(0x3c00, 0x7e00),
    BF16: Uint16Array.of(0x3f80, 0x7fc0),
    FP32: Float32Array.of(Number.NaN, 0.1),
    FP64: Float64Array.of(-Infinity, 0.1),
    BYTES: ['', 'né'],
  } as const
  const tensors = (Object.keys(sent) as (keyof typeof sent)[]).map((datatype): Tensor => {
    return { name: datatype, datatype, shape: [2], data: sent[datatype] }
  })
  const { outputs } = await client.infer('echo', tensors)
  expect(Object.fromEntries(outputs.map(({ name, data }) => [name, data]))).toEqual(sent)
})

it('sends texts alone as JSON', async () => {
  const text = { name: 'text', datatype: 'BYTES', shape: [1], data: ['né'] } as const
  const { outputs } = await client.infer('a/b c', [text])
  expect(outputs[0]?.data).toEqual(['né'])
})

it('tells what it was refused with', async () => {
  const missing = await client.infer('nobody', row([1, 2, 3])).catch((error: unknown) => error)
  expect(missing).toBeInstanceOf(NotFoundError)
  expect(missing).toMatchObject({ status: 404, code: 'not-found' })
  expect(String(missing)).toContain('there is no model "nobody"')
  await expect(client.infer('double', row([1]))).rejects.toThrow(InvalidInputError)
  await expect(client.feedback('one', 3)).rejects.toThrow(NotFoundError)
})

it('tries again when told to, with the same body, and not for ever', async () => {
  let refusals = 2
  handler.before = async () => {
    if (refusals-- > 0) throw new BusyError('full', { retryAfterMs: 5 })
  }
  const { outputs } = await client.infer('double', row(Float32Array.of(1, 2, 3)))
  expect(outputs[0]?.data).toEqual(Float32Array.of(2, 4, 6))
  expect(refusals).toBe(-1)
  refusals = 9
  const refused = client.infer('double', row([1, 2, 3]))
  await expect(refused).rejects.toThrow(OverloadedError)
  expect(refusals).toBe(6)
})
