import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { InvalidInputError, TooLargeError, UnavailableError } from '../errors.ts'
import { decodeInferRequest, encodeInferRequest } from './codec.ts'
import type { InferRequest, ModelMetadata, WireBody } from './messages.ts'
import { RequestReader } from './request-reader.ts'

const LIMIT_BYTES = 4 * 2 ** 20
const { signal } = new AbortController()
const metadata = (): ModelMetadata => {
  throw new Error('asked for')
}

let reader: RequestReader
beforeEach(() => {
  reader = new RequestReader(LIMIT_BYTES)
})
afterEach(() => reader.close())
const read = (wire: WireBody) => reader.read(wire, metadata, signal)

const numbers = Array.from({ length: 100_000 }, (_, index) => index / 7)
function jsonOf(change: object = {}): WireBody {
  const input = { name: 'x', datatype: 'FP32', shape: [numbers.length], data: numbers }
  return { body: Buffer.from(JSON.stringify({ id: 'i', inputs: [{ ...input, ...change }] })) }
}
const long = '9007199254740993'
const longs = `[${Array.from({ length: 20_000 }, () => long).join()}]`
const texts = { datatype: 'BYTES', shape: [30_000], data: numbers.slice(0, 30_000).map(String) }

it.each<[string, WireBody]>([
  ['numbers', jsonOf()],
  ['nested numbers', jsonOf({ shape: [50_000, 2], data: Array(50_000).fill([1, 2]) })],
  [
    '64-bit integers',
    {
      body: Buffer.from(
        `{"inputs":[{"name":"x","datatype":"INT64","shape":[20000],"data":${longs}}]}`,
      ),
    },
  ],
  ['strings', jsonOf(texts)],
  ['what is unknown', { body: Buffer.from(`{"inputs":[],"more":"${'x'.repeat(200_000)}"}`) }],
])('reads %s in another thread as in this one', async (_what, wire) => {
  const request = read(wire)
  expect(request).toBeInstanceOf(Promise)
  const here = decodeInferRequest(wire, metadata)
  const { inputs, ...rest } = await request
  expect(rest).toEqual({ ...here, inputs: undefined })
  expect(inputs.map(({ data, ...head }) => [head, Buffer.from(data)])).toEqual(
    here.inputs.map(({ data, ...head }) => [head, Buffer.from(data)]),
  )
})

it('reads binary data after large JSON, where it can be viewed in place', async () => {
  const data = new Uint8Array(new Float64Array([1, 2, 3]).buffer)
  const input = { name: 'x', datatype: 'FP64', shape: [3], data } as const
  const sent: InferRequest = { parameters: { note: 'n'.repeat(200_000) }, inputs: [input] }
  const { inputs } = await read(encodeInferRequest(sent, { binary: true }))
  const { buffer, byteOffset } = inputs[0]?.data ?? data
  expect([...new Float64Array(buffer, byteOffset, 3)]).toEqual([1, 2, 3])
})

it('leaves the event loop to others meanwhile', async () => {
  let isRead = false
  const all = Promise.all([read(jsonOf()), read(jsonOf())]).then(() => {
    isRead = true
  })
  let turns = 0
  for (; !isRead; turns++) await turn()
  await all
  // At once would be none.
  expect(turns).toBeGreaterThan(2)
})

it('reads at once what is small, and refuses at once what is too large', () => {
  const small = { body: Buffer.from('{"inputs":[]}') }
  expect(read(small)).toEqual({ inputs: [] })
  const large = { body: Buffer.alloc(LIMIT_BYTES + 1, ' ') }
  expect(() => read(large)).toThrow(TooLargeError)
  const picture = { body: Buffer.alloc(200_000), picture: { mediaType: 'image/png', query: '' } }
  expect(() => read(picture as unknown as WireBody)).toThrow('asked for')
})

it('says of each malformed request what is wrong, and reads the next', async () => {
  const answers = [
    read(jsonOf({ shape: [1] })),
    read({ body: Buffer.alloc(200_000, '[') }),
    read(jsonOf()),
  ]
  const [wrong, nested, good] = await Promise.allSettled(answers)
  expect(wrong).toMatchObject({ status: 'rejected', reason: expect.any(InvalidInputError) })
  expect(wrong).toMatchObject({ reason: { message: /100000 elements given/ } })
  expect(nested).toMatchObject({ reason: { status: 400, message: /32 levels/ } })
  expect(good?.status).toBe('fulfilled')
})

it('does not read what a client has sent that is gone', async () => {
  const gone = new AbortController()
  const first = read(jsonOf())
  const second = reader.read(jsonOf(), metadata, gone.signal)
  gone.abort()
  await expect(second).rejects.toThrow('aborted')
  expect((await first).id).toBe('i')
})

it('refuses what is being read when it closes, and starts anew when asked again', async () => {
  const open = read(jsonOf())
  const refused = expect(open).rejects.toThrow(UnavailableError)
  await turn()
  await reader.close()
  await refused
  expect((await read(jsonOf())).id).toBe('i')
})
