import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { Random } from '../random.ts'
import {
  allocateElements,
  bytesOf,
  elementBytes,
  elementCount,
  type FixedSizeDatatype,
  viewElements,
  viewFloat32,
} from './datatypes.ts'
import { DATATYPES } from './messages.ts'

const FIXED = DATATYPES.filter((datatype): datatype is FixedSizeDatatype => datatype !== 'BYTES')

describe('the element count', () => {
  it.each([
    [[], 1],
    [[0], 0],
    [[7], 7],
    [[1, 224, 224, 3], 150_528],
    [[3, 0, 5], 0],
    [[2 ** 53 - 1], 2 ** 53 - 1],
    [[2 ** 26, 2 ** 26], 2 ** 52],
    [Array(64).fill(1), 1],
  ])('of [%s] is %i', (shape, count) => {
    expect(elementCount(shape)).toBe(count)
  })

  it.each([
    [[-1], 'shape [-1] is invalid'],
    [[2, 1.5], 'shape [2,1.5] is invalid'],
    [[Number.NaN], 'must be an integer'],
    [[Number.POSITIVE_INFINITY], 'must be an integer'],
    [[2 ** 53], 'must be an integer'],
    [[2 ** 27, 2 ** 26], 'overflows 2^53'],
    // No element, and yet no implementation can stride over it.
    [[2 ** 40, 2 ** 40, 0], 'overflows 2^53'],
    [Array(65).fill(1), '65 dimensions is over the limit of 64'],
  ])('of [%s] is refused: %s', (shape, message) => {
    expect(() => elementCount(shape)).toThrow(InvalidInputError)
    expect(() => elementCount(shape)).toThrow(message)
  })

  it('is the product in whole numbers of any size (fuzz)', () => {
    const random = new Random(1)
    for (let round = 0; round < 1000; round++) {
      const shape = Array.from(
        { length: random.integer(5) },
        () => random.integer(3) * 10 ** random.integer(8),
      )
      const product = (sizes: readonly number[]) =>
        sizes.reduce((all, size) => all * BigInt(size), 1n)
      const isTooLarge =
        product(shape.map((size) => Math.max(size, 1))) > BigInt(Number.MAX_SAFE_INTEGER)
      if (isTooLarge) expect(() => elementCount(shape)).toThrow('overflows')
      else expect(BigInt(elementCount(shape))).toBe(product(shape))
    }
  })
})

describe('elements', () => {
  it.each([
    ['BOOL', 1],
    ['UINT8', 1],
    ['INT8', 1],
    ['UINT16', 2],
    ['INT16', 2],
    ['FP16', 2],
    ['UINT32', 4],
    ['INT32', 4],
    ['FP32', 4],
    ['UINT64', 8],
    ['INT64', 8],
    ['FP64', 8],
  ] as const)('of %s have %i bytes', (datatype, bytes) => {
    expect(elementBytes(datatype)).toBe(bytes)
    expect(allocateElements(datatype, 3).byteLength).toBe(3 * bytes)
  })

  it('are read as the little-endian numbers of their type', () => {
    const data = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
    const first = (datatype: FixedSizeDatatype) => viewElements({ name: 'x', datatype, data })[0]
    expect(first('UINT8')).toBe(255)
    expect(first('INT8')).toBe(-1)
    expect(first('UINT16')).toBe(65_535)
    expect(first('INT32')).toBe(-1)
    expect(first('UINT64')).toBe(2n ** 64n - 1n)
    expect(first('INT64')).toBe(-1n)
    expect(first('FP64')).toBeNaN()
    expect(viewElements({ name: 'x', datatype: 'UINT16', data: Uint8Array.of(1, 2) })[0]).toBe(513)
  })
})

describe('views', () => {
  it('are of the same memory where their place allows it, else copies, and the same numbers either way', () => {
    const random = new Random(2)
    for (const datatype of FIXED) {
      const size = elementBytes(datatype)
      for (let offset = 0; offset < 8; offset++) {
        const memory = Uint8Array.from({ length: 8 + 3 * size }, () => random.integer(2))
        const data = memory.subarray(offset, offset + 3 * size)
        const elements = viewElements({ name: 'x', datatype, data })
        expect(elements.buffer === memory.buffer).toBe(offset % size === 0)
        expect(elements).toHaveLength(3)
        expect([...bytesOf(elements)]).toEqual([...data])
      }
    }
  })

  it('are refused where bytes are left over, by the tensor’s name', () => {
    const data = new Uint8Array(6)
    expect(() => viewElements({ name: 'picture', datatype: 'FP32', data })).toThrow(
      'tensor "picture" has 6 bytes, not a multiple of the 4 bytes of one FP32',
    )
    expect(viewElements({ name: 'picture', datatype: 'FP16', data })).toHaveLength(3)
  })

  it('are FP32 only where they are said to be', () => {
    const data = bytesOf(Float32Array.of(0.5))
    expect(viewFloat32({ name: 'x', datatype: 'FP32', shape: [1], data })[0]).toBe(0.5)
    for (const datatype of FIXED.filter((other) => other !== 'FP32' && elementBytes(other) <= 4)) {
      expect(() => viewFloat32({ name: 'x', datatype, shape: [1], data })).toThrow(
        `tensor "x" is ${datatype}, not FP32`,
      )
    }
  })

  it('share their bytes with the tensor that is made of them', () => {
    const numbers = Float32Array.of(1, 2, 3)
    const bytes = bytesOf(numbers.subarray(1))
    expect(bytes).toHaveLength(8)
    numbers[1] = 0
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0, 0, 0])
  })
})
