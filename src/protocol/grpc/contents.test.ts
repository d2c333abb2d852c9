import { describe, expect, it, test } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import type { Datatype } from '../messages.ts'
import { contentsOf, hasContents, readContents } from './contents.ts'
import type { InferTensorContents } from './messages.ts'

const head = (datatype: Datatype, count: number) => ({ name: 'x', datatype, shape: [count] })
const texts = (...all: string[]) => all.map((text) => Buffer.from(text))

/** Elements as text, so that numbers and digits, bytes and buffers are alike. */
const words = (elements: readonly unknown[] = []) =>
  elements.map((one) => (one instanceof Uint8Array ? Buffer.from(one).toString() : String(one)))

const listed: readonly [Datatype, InferTensorContents, number[]][] = [
  ['BOOL', { bool_contents: [true, false] }, [1, 0]],
  ['INT8', { int_contents: [-1, 127] }, [255, 127]],
  ['INT16', { int_contents: [-2] }, [254, 255]],
  ['INT32', { int_contents: [1, -1] }, [1, 0, 0, 0, 255, 255, 255, 255]],
  ['UINT8', { uint_contents: [255] }, [255]],
  ['UINT16', { uint_contents: [513] }, [1, 2]],
  ['UINT32', { uint_contents: [2 ** 31] }, [0, 0, 0, 0x80]],
  ['INT64', { int64_contents: ['-2'] }, [254, 255, 255, 255, 255, 255, 255, 255]],
  ['UINT64', { uint64_contents: ['18446744073709551615'] }, new Array(8).fill(255)],
  ['FP32', { fp32_contents: [1] }, [0, 0, 0x80, 0x3f]],
  ['FP64', { fp64_contents: [-1] }, [0, 0, 0, 0, 0, 0, 0xf0, 0xbf]],
  ['BYTES', { bytes_contents: texts('é', '') }, [2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0]],
]

describe.each(listed)('%s', (datatype, contents, bytes) => {
  const count = Object.values(contents)[0]?.length ?? 0

  it('is little-endian bytes', () => {
    const { data } = readContents(head(datatype, count), contents)
    expect([...data]).toEqual(bytes)
  })

  it('is listed as it came', () => {
    const tensor = { ...head(datatype, count), data: Uint8Array.from(bytes) }
    expect(hasContents(datatype)).toBe(true)
    const [[list, values] = []] = Object.entries(contentsOf(tensor))
    const [[expectedList, expected] = []] = Object.entries(contents)
    expect(list).toBe(expectedList)
    expect(words(values)).toEqual(words(expected))
  })

  it('needs as many elements as its shape', () => {
    expect(() => readContents(head(datatype, count + 1), contents)).toThrow(InvalidInputError)
    expect(() => readContents(head(datatype, count - 1), contents)).toThrow(InvalidInputError)
    expect(() => readContents(head(datatype, count), {})).toThrow(InvalidInputError)
  })
})

test('floats may be what JSON has no form for', () => {
  const fp32_contents = [Number.NaN, Infinity, -Infinity, -0]
  const tensor = readContents(head('FP32', 4), { fp32_contents })
  expect(contentsOf(tensor)).toEqual({ fp32_contents })
})

test('bytes need not be text', () => {
  const bytes_contents = [Buffer.from([0xff, 0x00, 0xfe])]
  const tensor = readContents(head('BYTES', 1), { bytes_contents })
  expect(contentsOf(tensor).bytes_contents?.map((one) => [...one])).toEqual([[0xff, 0, 0xfe]])
})

test('no elements at all are a tensor of none', () => {
  expect(readContents(head('FP32', 0), {}).data).toHaveLength(0)
  expect(readContents(head('BYTES', 0), { bytes_contents: [] }).data).toHaveLength(0)
})

test.each<[string, Datatype, InferTensorContents]>([
  ['above the range', 'UINT8', { uint_contents: [256] }],
  ['below the range', 'INT8', { int_contents: [-129] }],
  ['beyond 64 bits', 'INT64', { int64_contents: ['9223372036854775808'] }],
  ['below 0', 'UINT64', { uint64_contents: ['-1'] }],
])('an element %s is refused, not wrapped', (_, datatype, contents) => {
  expect(() => readContents(head(datatype, 1), contents)).toThrow(/tensor "x": element 0/)
})

test('elements of another family are refused by the names of both lists', () => {
  expect(() => readContents(head('INT32', 1), { uint_contents: [1] })).toThrow(
    'tensor "x": INT32 stands in int_contents, not in uint_contents',
  )
  expect(() => readContents(head('FP32', 1), { fp32_contents: [1], fp64_contents: [1] })).toThrow(
    'not in fp64_contents',
  )
  // As decoded: the lists that are not set are empty.
  const contents = { fp32_contents: [1], fp64_contents: [], bytes_contents: [] }
  expect(readContents(head('FP32', 1), contents).data).toHaveLength(4)
})

test.each<Datatype>(['FP16', 'BF16'])('%s has no list', (datatype) => {
  expect(hasContents(datatype)).toBe(false)
  expect(() => readContents(head(datatype, 1), { fp32_contents: [1] })).toThrow(
    'raw_input_contents',
  )
  expect(() => contentsOf({ ...head(datatype, 1), data: new Uint8Array(2) })).toThrow('no contents')
})

test('any bytes come back the same, also from within a buffer at an odd place', () => {
  const random = new Random(8)
  const sizes = { INT8: 1, UINT16: 2, INT32: 4, UINT32: 4, INT64: 8, UINT64: 8, FP64: 8 } as const
  for (const [datatype, size] of Object.entries(sizes)) {
    for (let round = 0; round < 20; round++) {
      const count = random.integer(6)
      const whole = Uint8Array.from({ length: count * size + 3 }, () => random.integer(127))
      const data = whole.subarray(3)
      const tensor = { ...head(datatype as Datatype, count), data }
      expect([...readContents(tensor, contentsOf(tensor)).data]).toEqual([...data])
    }
  }
})
