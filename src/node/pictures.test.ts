import { beforeAll, expect, it } from 'vitest'
import { DeadlineError, OverloadedError, TooLargeError } from '../errors.ts'
import { joinByteStrings } from '../protocol/byte-strings.ts'
import type { InferRequest } from '../protocol/messages.ts'
import { loadCatalogue } from '../serving/models/catalogue.ts'
import { colourCatalogue, picture } from './colour-model.fixture.ts'
import { Pictures } from './pictures.ts'

let catalogue: Awaited<ReturnType<typeof loadCatalogue>>
beforeAll(async () => {
  catalogue = await loadCatalogue(await colourCatalogue())
})

const { signal: never } = new AbortController()

async function requestOf(size: { width: number; height: number }): Promise<InferRequest> {
  const data = joinByteStrings([await picture('blue', 'png', size)])
  return {
    id: 'x',
    inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data }],
    outputs: [{ name: 'probabilities' }],
  }
}

it('makes the model’s input of a picture, and wants all outputs', async () => {
  const pictures = new Pictures(catalogue, { limitPixels: 1e6, limitWaiting: 1 })
  const prepared = await pictures.prepare(await requestOf({ width: 40, height: 70 }), never)
  const [input] = prepared.inputs
  expect(prepared).not.toHaveProperty('outputs')
  expect({ ...input, data: input?.data.byteLength }).toEqual({
    name: 'pixels',
    datatype: 'FP32',
    shape: [1, 3, 32, 32],
    data: 4 * 3 * 32 * 32,
  })
})

it('leaves tensors as they are, and decodes one request once', async () => {
  const pictures = new Pictures(catalogue, { limitPixels: 1e6, limitWaiting: 1 })
  const tensors: InferRequest = { inputs: [] }
  expect(await pictures.prepare(tensors, never)).toBe(tensors)
  const request = await requestOf({ width: 40, height: 70 })
  expect(await pictures.prepare(request, never)).toBe(await pictures.prepare(request, never))
})

it('decodes two at a time, lets so many wait, and refuses the others', async () => {
  const pictures = new Pictures(catalogue, { limitPixels: 1e6, limitWaiting: 3 })
  const size = { width: 400, height: 400 }
  const requests = await Promise.all(Array.from({ length: 9 }, () => requestOf(size)))
  const outcomes = await Promise.allSettled(
    requests.map((request) => pictures.prepare(request, never)),
  )
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
    ...[true, true, true, true, true],
    ...[false, false, false, false],
  ])
  const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  expect(refused.every((reason) => reason instanceof OverloadedError)).toBe(true)
})

it('frees the thread of a picture that cannot be decoded', async () => {
  const pictures = new Pictures(catalogue, { limitPixels: 99, limitWaiting: 0 })
  const small = { width: 9, height: 11 }
  for (let turn = 0; turn < 5; turn++) {
    const bomb = pictures.prepare(await requestOf({ width: 10, height: 10 }), never)
    await expect(bomb).rejects.toThrow(TooLargeError)
  }
  expect((await pictures.prepare(await requestOf(small), never)).inputs).toHaveLength(1)
})

it('lets go of those that wait: at their deadline, or when nobody wants them any more', async () => {
  const pictures = new Pictures(catalogue, { limitPixels: 1e7, limitWaiting: 2 })
  const large = { width: 3000, height: 3000 }
  const busy = [await requestOf(large), await requestOf(large)]
  const late = await requestOf({ width: 9, height: 9 })
  const left = await requestOf({ width: 9, height: 9 })
  const abort = new AbortController()
  const decoding = busy.map((request) => pictures.prepare(request, never))
  const expired = pictures.prepare(late, never, 0)
  const aborted = pictures.prepare(left, abort.signal)
  abort.abort(new Error('gone'))
  await expect(aborted).rejects.toThrow('gone')
  await expect(expired).rejects.toThrow(DeadlineError)
  await expect(expired).rejects.toThrow(/deadline has passed, and 0 other .*; try again$/)
  await expect(expired).rejects.toMatchObject({ retryAfterMs: undefined })
  const next = pictures.prepare(await requestOf({ width: 9, height: 9 }), never)
  expect((await Promise.all([...decoding, next])).every(({ inputs }) => inputs.length === 1)).toBe(
    true,
  )
})
