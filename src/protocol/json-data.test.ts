import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { Random } from '../random.ts'
import { elementBytes, type FixedSizeDatatype } from './datatypes.ts'
import { jsonText, parseJsonData } from './json-data.ts'
import type { Datatype, Tensor } from './messages.ts'

/** What a nested array holds, read from its shape alone; undefined where it does not follow it. */
function flattened(data: unknown, shape: readonly number[]): unknown[] | undefined {
  if (shape.length === 0) return Array.isArray(data) ? undefined : [data]
  const [size, ...rest] = shape
  if (!Array.isArray(data) || data.length !== size) return undefined
  const parts = data.map((item) => flattened(item, rest))
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

/** [0, 1, 2, …] as a nested array of this shape. */
function nestedOf(shape: readonly number[], next = { value: 0 }): unknown {
  const [size, ...rest] = shape
  if (size === undefined) return next.value++
  return Array.from({ length: size }, () => nestedOf(rest, next))
}

function read(datatype: Datatype, shape: readonly number[], data: unknown) {
  return [...parseJsonData({ name: 'x', datatype, shape }, data)]
}

/** The elements as JSON has them. */
const toJsonData = (tensor: Tensor) => JSON.parse(jsonText(tensor))

/** Each element alone. @returns undefined where it is refused */
function taken(datatype: Datatype, element: unknown): Uint8Array | undefined {
  try {
    return parseJsonData({ name: 'x', datatype, shape: [1] }, [element])
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError)
    return undefined
  }
}

describe('the form of data', () => {
  it('is flat or nested, row by row, of any shape (fuzz)', () => {
    const random = new Random(1)
    for (let round = 0; round < 300; round++) {
      const shape = Array.from({ length: 1 + random.integer(4) }, () => 1 + random.integer(3))
      const count = shape.reduce((product, size) => product * size, 1)
      const flat = Array.from({ length: count }, (_, index) => index)
      expect(read('UINT8', shape, nestedOf(shape))).toEqual(flat)
      expect(read('UINT8', shape, flat)).toEqual(flat)
    }
  })

  it('is refused where a nested array does not follow the shape (fuzz)', () => {
    const random = new Random(2)
    const shapeOf = () => Array.from({ length: 2 + random.integer(2) }, () => 1 + random.integer(2))
    for (let round = 0; round < 300; round++) {
      const [shape, other] = [shapeOf(), shapeOf()]
      const data = nestedOf(other)
      const expected = flattened(data, shape)
      if (expected) expect(read('UINT8', shape, data)).toEqual(expected)
      else expect(() => read('UINT8', shape, data)).toThrow(InvalidInputError)
    }
  })

  it.each([
    ['no array', [2], 7, 'tensor "x": data must be an array'],
    ['nothing', [2], undefined, 'data must be an array'],
    ['too few', [3], [1, 2], '2 elements given, shape [3] needs 3'],
    ['too many', [1], [1, 2], '2 elements given, shape [1] needs 1'],
    ['a nested one of a vector', [1], [[1]], 'element 0 is [1], not a UINT8'],
    ['a nested one of nothing', [0], [[1]], '1 elements given, shape [0] needs 0'],
    ['mixed depth', [2, 2], [[1, 2], 3], 'does not follow shape [2,2] at dimension 1'],
    ['rows too long', [2, 1], [[1], [2, 3]], 'at dimension 1'],
    ['rows too many', [1, 1], [[1], [2]], 'at dimension 0'],
  ])('is refused of %s', (_, shape, data, message) => {
    expect(() => read('UINT8', shape, data)).toThrow(InvalidInputError)
    expect(() => read('UINT8', shape, data)).toThrow(message)
  })

  it('is one element of a scalar and none of an empty shape', () => {
    expect(read('UINT8', [], [9])).toEqual([9])
    expect(read('FP32', [0], [])).toEqual([])
    expect(read('FP32', [2, 0], [[], []])).toEqual([])
  })
})

describe('integers', () => {
  it.each([
    ['UINT8', 0n, 255n],
    ['INT8', -128n, 127n],
    ['UINT16', 0n, 65_535n],
    ['INT16', -32_768n, 32_767n],
    ['UINT32', 0n, 4_294_967_295n],
    ['INT32', -2_147_483_648n, 2_147_483_647n],
    ['UINT64', 0n, 18_446_744_073_709_551_615n],
    ['INT64', -9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  ] as const)(
    'of %s are taken from %i to %i and no further, and come back',
    (datatype, low, high) => {
      const is64Bit = elementBytes(datatype) === 8
      const written = (value: bigint) => (is64Bit ? String(value) : Number(value))
      for (const value of [low, high]) {
        const data = taken(datatype, written(value))
        expect(data).toHaveLength(elementBytes(datatype))
        const text = data && jsonText({ name: 'x', datatype, shape: [1], data })
        expect(text).toBe(`[${value}]`)
      }
      expect(taken(datatype, written(low - 1n))).toBeUndefined()
      expect(taken(datatype, written(high + 1n))).toBeUndefined()
    },
  )

  it('of 64 bits are numbers in JSON whatever their size', () => {
    const data = new Uint8Array(BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)).buffer)
    const text = jsonText({ name: 'x', datatype: 'INT64', shape: [2], data })
    expect(text).toBe('[9007199254740993,-9223372036854775808]')
  })

  it.each([1.5, Number.NaN, '1e3', '', ' 1', '1.0', '0x1', null, true, [1], {}])(
    'are never %j',
    (element) => {
      for (const datatype of ['UINT8', 'INT32', 'INT64', 'UINT64'] as const) {
        expect(taken(datatype, element)).toBeUndefined()
      }
    },
  )

  it('as strings are for 64 bits alone', () => {
    expect(taken('INT64', '-12')).toEqual(new Uint8Array(BigInt64Array.of(-12n).buffer))
    expect(taken('INT32', '12')).toBeUndefined()
  })
})

describe('other elements', () => {
  it('keep every FP64 to the bit, and of FP32 what 32 bits hold (fuzz)', () => {
    const random = new Random(3)
    for (let round = 0; round < 500; round++) {
      const value = random.normal() * 10 ** (random.integer(60) - 30)
      const backOf = (datatype: FixedSizeDatatype) => {
        const data = parseJsonData({ name: 'x', datatype, shape: [1] }, [value])
        return toJsonData({ name: 'x', datatype, shape: [1], data })[0]
      }
      expect(backOf('FP64')).toBe(value)
      expect(backOf('FP32')).toBe(Math.fround(value))
    }
  })

  it('are refused where 32 bits make them infinite', () => {
    expect(taken('FP32', 3.4e38)).toBeDefined()
    expect(taken('FP32', -3.5e38)).toBeUndefined()
    expect(taken('FP64', 3.5e38)).toBeDefined()
  })

  it('are truth values only where true or false is written', () => {
    expect([...(taken('BOOL', true) ?? [])]).toEqual([1])
    expect([...(taken('BOOL', false) ?? [])]).toEqual([0])
    for (const element of [0, 1, 'true', null]) expect(taken('BOOL', element)).toBeUndefined()
    const data = Uint8Array.of(0, 1, 2)
    expect(toJsonData({ name: 'x', datatype: 'BOOL', shape: [3], data })).toEqual([
      false,
      true,
      true,
    ])
  })

  it('are strings in UTF-8, each after its length', () => {
    expect(read('BYTES', [2], ['é', ''])).toEqual([2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0])
    const texts = ['', '\ufeffa', 'naïve', '\u{1f600}', 'a\0b']
    const data = parseJsonData({ name: 'x', datatype: 'BYTES', shape: [5] }, texts)
    expect(toJsonData({ name: 'x', datatype: 'BYTES', shape: [5], data })).toEqual(texts)
    expect(taken('BYTES', '\udc00')).toBeUndefined()
  })

  it('name the first that JSON cannot hold, and the remedy', () => {
    const data = new Uint8Array(Float64Array.of(1, Number.NEGATIVE_INFINITY, Number.NaN).buffer)
    expect(() => toJsonData({ name: 'y', datatype: 'FP64', shape: [3], data })).toThrow(
      'tensor "y": element 1 is -Infinity, which JSON cannot hold: ask for binary_data',
    )
  })

  it('show a bad element by no more than its beginning', () => {
    const long = 'x'.repeat(10_000)
    expect(() => read('FP32', [2], [1, long])).toThrow(/element 1 is "x{79}, not a FP32$/)
  })
})
