import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { Random } from '../random.ts'
import { joinByteStrings } from './byte-strings.ts'
import type { Tensor } from './messages.ts'
import {
  assemble,
  checkData,
  decodeTensors,
  encodeTensors,
  type TensorEntry,
} from './tensor-codec.ts'

function entryOf(name: string, changes: Partial<TensorEntry> = {}): TensorEntry {
  return { name, datatype: 'UINT8', shape: [2], ...changes }
}

function binaryEntry(name: string, size: unknown, shape: readonly number[] = [2]): TensorEntry {
  return entryOf(name, { shape, parameters: { binary_data_size: size as number } })
}

describe('decoding', () => {
  it('deals out the binary part in the order of the entries, past those in JSON, in place', () => {
    const binary = Uint8Array.of(1, 2, 3, 4, 5)
    const tensors = decodeTensors(
      [binaryEntry('a', 2), entryOf('b', { data: [8, 9] }), binaryEntry('c', 3, [3])],
      binary,
    )
    expect(tensors.map(({ name, data }) => [name, [...data]])).toEqual([
      ['a', [1, 2]],
      ['b', [8, 9]],
      ['c', [3, 4, 5]],
    ])
    expect(tensors[2].data.buffer).toBe(binary.buffer)
    expect(tensors[2].data.byteOffset).toBe(2)
  })

  it('takes an empty tensor between others', () => {
    const entries = [binaryEntry('a', 0, [0]), binaryEntry('b', 1, [1])]
    expect(decodeTensors(entries, Uint8Array.of(7)).map(({ data }) => data.length)).toEqual([0, 1])
    expect(decodeTensors([], undefined)).toEqual([])
    expect(decodeTensors([], new Uint8Array(0))).toEqual([])
  })

  it.each([
    ['a size without a binary part', [binaryEntry('a', 2)], undefined, 'send the header'],
    [
      'both a size and data',
      [{ ...binaryEntry('a', 2), data: [1, 2] }],
      Uint8Array.of(1, 2),
      'and no "data"',
    ],
    [
      'a size past the end',
      [binaryEntry('a', 2), binaryEntry('b', 2)],
      Uint8Array.of(1, 2, 3),
      'tensor "b": binary data is truncated, it should end at byte 4 of 3',
    ],
    [
      'bytes of no tensor',
      [binaryEntry('a', 2)],
      Uint8Array.of(1, 2, 3, 4, 5),
      '3 bytes of binary data belong to no tensor',
    ],
    ['no data at all', [entryOf('a')], undefined, 'data must be an array'],
    [
      'a size that does not fill the shape',
      [binaryEntry('a', 3)],
      Uint8Array.of(1, 2, 3),
      'tensor "a": 3 bytes do not hold the 2 UINT8 elements of shape [2]',
    ],
  ])('refuses %s', (_, entries, binary, message) => {
    expect(() => decodeTensors(entries, binary)).toThrow(InvalidInputError)
    expect(() => decodeTensors(entries, binary)).toThrow(message)
  })

  it.each([-1, 1.5, '2', true, Number.NaN, 2 ** 53])('refuses %j as a size', (size) => {
    expect(() => decodeTensors([binaryEntry('a', size)], Uint8Array.of(1, 2))).toThrow(
      `tensor "a": binary_data_size ${size} is not a byte count`,
    )
  })
})

describe('what a tensor holds', () => {
  it('is counted in elements, of strings by their lengths', () => {
    const of = (shape: readonly number[], data: Uint8Array, datatype: Tensor['datatype']) => () =>
      checkData({ name: 'x', datatype, shape, data })
    expect(of([2, 3], new Uint8Array(24), 'FP32')).not.toThrow()
    expect(of([2, 3], new Uint8Array(25), 'FP32')).toThrow('25 bytes do not hold the 6 FP32')
    expect(of([], new Uint8Array(8), 'FP64')).not.toThrow()
    const strings = joinByteStrings([Buffer.from('ab'), Buffer.from('')])
    expect(of([2], strings, 'BYTES')).not.toThrow()
    expect(of([1, 1], strings, 'BYTES')).toThrow('do not hold the 1 BYTES')
  })
})

describe('encoding', () => {
  const a: Tensor = { name: 'a', datatype: 'UINT8', shape: [2], data: Uint8Array.of(1, 2) }
  const b: Tensor = { name: 'b', datatype: 'FP16', shape: [1], data: Uint8Array.of(0, 60) }

  it('writes each tensor where it is wanted', () => {
    expect(encodeTensors([a, b], (name) => name === 'b')).toEqual({
      entries: [
        '{"name":"a","datatype":"UINT8","shape":[2],"data":[1,2]}',
        '{"name":"b","datatype":"FP16","shape":[1],"parameters":{"binary_data_size":2}}',
      ],
      binary: [b.data],
    })
  })

  it('has no binary part where none is wanted, and an empty one where only nothing is sent', () => {
    expect(encodeTensors([a], () => false).binary).toBeUndefined()
    expect(encodeTensors([], () => true).binary).toBeUndefined()
    const empty: Tensor = { ...a, shape: [0], data: new Uint8Array(0) }
    expect(encodeTensors([empty], () => true).binary).toEqual([new Uint8Array(0)])
  })

  it('refuses in JSON what only binary can hold', () => {
    const notNumber = { ...b, data: Uint8Array.of(0, 0x7e) }
    expect(() => encodeTensors([notNumber], () => false)).toThrow('is NaN, which JSON cannot hold')
  })
})

describe('the body', () => {
  it('is JSON alone without a binary part', () => {
    const { body, jsonLength } = assemble({ id: 'é' }, 'inputs', ['{}'], undefined)
    expect(jsonLength).toBeUndefined()
    expect(Buffer.from(body).toString()).toBe('{"id":"é","inputs":[{}]}')
  })

  it('begins its binary part at a multiple of eight, counted in bytes, whatever the text (fuzz)', () => {
    const random = new Random(1)
    for (let round = 0; round < 100; round++) {
      const json = { id: 'é'.repeat(random.integer(9)) + 'a'.repeat(random.integer(9)) }
      const parts = Array.from({ length: random.integer(3) }, () =>
        Uint8Array.from({ length: random.integer(5) }, () => random.integer(256)),
      )
      const { body, jsonLength = -1 } = assemble(json, 'inputs', [], parts)
      expect(jsonLength % 8).toBe(0)
      const text = Buffer.from(body.subarray(0, jsonLength)).toString()
      expect(JSON.parse(text)).toEqual({ ...json, inputs: [] })
      expect(jsonLength - Buffer.byteLength(text.trimEnd())).toBeLessThan(8)
      expect([...body.subarray(jsonLength)]).toEqual(parts.flatMap((part) => [...part]))
    }
  })
})

it('refuses a BOOL that is neither 0 nor 1: what a model makes of it nobody knows', () => {
  const flags = (...bytes: number[]) =>
    checkData({ name: 'b', datatype: 'BOOL', shape: [2], data: Uint8Array.from(bytes) })
  expect(flags(0, 1).data).toEqual(Uint8Array.of(0, 1))
  expect(() => flags(1, 255)).toThrow(
    'tensor "b": element 1 is the byte 255, not a BOOL: send 0 or 1',
  )
})
