import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { checkMessage } from './message-bounds.ts'
import { loadProto, serviceOf } from './proto.ts'

const ModelInfer = serviceOf(loadProto())['ModelInfer']
const check = (bytes: Uint8Array) => checkMessage(bytes, 'ModelInfer')

/** A field with a length, written in four bytes: number, then what it holds. */
function long(field: number, content: Uint8Array): Buffer {
  const sevenBits = [0, 7, 14, 21].map((shift) => (content.byteLength >>> shift) & 127)
  const length = sevenBits.map((bits, index) => (index < 3 ? bits | 128 : bits))
  return Buffer.concat([Buffer.from([field * 8 + 2, ...length]), content])
}
const repeated = (field: Uint8Array, times: number) => Buffer.concat(Array(times).fill(field))

describe('a request', () => {
  it('passes with raw contents of any length, parameters of every kind, and fields of later versions', () => {
    const parameters = {
      text: { string_param: 'é' },
      real: { double_param: 0.5 },
      yes: { bool_param: true },
      whole: { int64_param: -1 },
      natural: { uint64_param: '18446744073709551615' },
    }
    const inputs = [
      { name: 'x', datatype: 'FP32', shape: [1, -1], contents: { fp32_contents: [1, 2] } },
      {
        name: 'y',
        datatype: 'INT64',
        shape: [2],
        contents: { int64_contents: [1, -2] },
        parameters,
      },
      {
        name: 'z',
        datatype: 'BYTES',
        shape: [1],
        contents: { bytes_contents: [Buffer.from('a')] },
      },
    ]
    const message = ModelInfer?.requestSerialize({
      ...{ model_name: 'm', id: '7', parameters, inputs, outputs: [{ name: 'o', parameters }] },
      raw_input_contents: [Buffer.alloc(2 ** 23)],
    })
    check(
      Buffer.concat([message ?? Buffer.of(), Buffer.from([0x80, 0x01, 5, 0x85, 0x01, 1, 2, 3, 4])]),
    )
  })

  it.each([
    ['fields: raw contents', repeated(long(7, Buffer.of()), 2 ** 16 + 1), '65536 fields'],
    ['fields: unpacked', long(5, long(5, repeated(Buffer.of(0x18, 1), 2 ** 16))), '65536 fields'],
    ['inputs', repeated(long(5, Buffer.of()), 4097), '4096 messages'],
    ['outputs', repeated(long(6, Buffer.of()), 4097), '4096 messages'],
    ['parameters', repeated(long(4, long(2, Buffer.of())), 2049), '4096 messages'],
    ['sizes', long(5, long(3, Buffer.alloc(2 ** 19 + 1, 1))), '524288 values'],
    ['packed FP32', long(5, long(5, long(6, Buffer.alloc(2 ** 21 + 4)))), '524288 values'],
  ])('is refused over a bound: %s', (_, message, bound) => {
    expect(() => check(message)).toThrow(`the message has more than ${bound}`)
  })

  it.each([
    ['a text that ends too early', [0x0a, 0x50, 0x41]],
    ['a number that never ends', Array(11).fill(0xff)],
    ['an input as a number, which the parser would take for its length', [0x28, 2, 0x1a, 0]],
    ['a parameter’s text as a number', [...long(4, long(2, Buffer.of(0x18, 1)))]],
    ['a group', [0x0b]],
    [
      'a tag beyond 32 bits, whose lower bits the parser reads',
      [0xaa, 0x80, 0x80, 0x80, 0x80, 1, 0],
    ],
  ])('is refused for %s', (_, bytes) => {
    expect(() => check(Buffer.from(bytes))).toThrow(InvalidInputError)
  })
})

it('of another method is short', () => {
  checkMessage(Buffer.alloc(2 ** 16), 'ModelReady')
  expect(() => checkMessage(Buffer.alloc(2 ** 16 + 1), 'ModelReady')).toThrow('ModelReady')
})
