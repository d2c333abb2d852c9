import { expect, it } from 'vitest'
import { UnsupportedMediaError } from '../errors.ts'
import { joinByteStrings } from './byte-strings.ts'
import type { InferRequest, ModelMetadata } from './messages.ts'
import { framePicture, isPicture, pictureOf, pictureRequest, pictureType } from './picture-body.ts'

const PNG = Buffer.from('\x89PNG\r\n\x1a\n…', 'latin1')
const frame = (body: Buffer, contentType?: string) =>
  framePicture({ body }, contentType, '/v2/models/m/infer?id=%C3%A9&deadline_ms=80')

it.each([
  ['ffd8ffe0', 'image/jpeg'],
  ['89504e470d0a1a0a', 'image/png'],
  ['52494646aabbccdd57454250', 'image/webp'],
  ['52494646aabbccdd57415645', undefined],
  ['474946383961', undefined],
  ['ffd8', undefined],
  ['', undefined],
])('%s begins %s', (hex, type) => {
  expect(pictureType(Buffer.from(hex, 'hex'))).toBe(type)
})

it('frames a picture with its query, and leaves messages of the protocol as they are', () => {
  const query = 'id=%C3%A9&deadline_ms=80'
  expect(frame(PNG)).toEqual({ body: PNG, picture: { mediaType: 'image/png', query } })
  for (const text of ['{"inputs":[]}', ' \n{', '\ufeff{', '[', 'null', 'NaN', '-1', '"a"', '']) {
    const body = Buffer.from(text)
    expect(frame(body, 'application/octet-stream')).toEqual({ body })
    expect(frame(body)).toEqual({ body })
  }
  const binary = { body: PNG, jsonLength: 4 }
  expect(framePicture(binary, 'image/png', '/')).toBe(binary)
})

it('refuses what is neither, unless it is declared to be JSON', () => {
  for (const text of ['GIF89a', 'hello', '<svg/>', '\x00\x00\x00\x1cftypavif', '%PDF']) {
    const body = Buffer.from(text)
    expect(() => frame(body, 'application/octet-stream')).toThrow(UnsupportedMediaError)
    expect(frame(body, 'application/json; charset=utf-8')).toEqual({ body })
  }
  expect(() => frame(Buffer.from('{}'), 'Image/png')).toThrow('curl --data-binary')
  expect(() => frame(Buffer.from('--x'), 'multipart/form-data')).toThrow('JPEG, PNG or WebP')
})

it('stands for a BYTES tensor with the parameters of its query', () => {
  const metadata: ModelMetadata = {
    name: 'm',
    platform: 'p',
    inputs: [],
    outputs: [
      { name: 'y', datatype: 'FP32', shape: [1] },
      { name: 'words', datatype: 'BYTES', shape: [1] },
    ],
  }
  const query = 'id=12&deadline_ms=80.5&note=a+b&flag=true&far=1e9&classification=3'
  const request = pictureRequest(PNG, { mediaType: 'image/png', query }, metadata)
  const { inputs, ...rest } = request
  expect(rest).toEqual({
    id: '12',
    parameters: { deadline_ms: 80.5, note: 'a b', flag: true, far: '1e9' },
    outputs: [{ name: 'y', parameters: { classification: 3 } }, { name: 'words' }],
  })
  expect(isPicture(request)).toBe(true)
  expect(pictureOf(request)).toEqual(new Uint8Array(PNG))
  expect(pictureRequest(PNG, { mediaType: 'image/png', query: '' }, metadata)).toEqual({
    parameters: {},
    inputs,
  })
})

it('is base64 or bytes in a tensor', () => {
  const request = (element: Uint8Array, shape: readonly number[]): InferRequest => {
    const data = joinByteStrings([element])
    return { inputs: [{ name: 'image', datatype: 'BYTES', shape, data }] }
  }
  for (const shape of [[1], [1, 1]]) {
    expect(pictureOf(request(PNG, shape))).toEqual(new Uint8Array(PNG))
    const base64 = Buffer.from(PNG.toString('base64'))
    expect(pictureOf(request(base64, shape))).toEqual(PNG)
  }
  expect(() => pictureOf(request(PNG, [1, 1, 1]))).toThrow('shape [1] or [1, 1]')
  expect(() => pictureOf(request(Buffer.from('GIF89a'), [1]))).toThrow(UnsupportedMediaError)
})

it('is not a model’s own input of that name', () => {
  const own = { name: 'image', datatype: 'UINT8' as const, shape: [1], data: Uint8Array.of(1) }
  expect(isPicture({ inputs: [own] })).toBe(false)
  expect(isPicture({ inputs: [] })).toBe(false)
})
