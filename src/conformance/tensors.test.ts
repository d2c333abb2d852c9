import { describe, expect, test } from 'vitest'
import { DATATYPES } from '../protocol/messages.ts'
import { nested, zeroBytesOf, zerosOf } from './tensors.ts'
import { NotShown } from './violation.ts'

const input = (datatype: string, shape: readonly number[]) => ({ name: 'x', datatype, shape })

describe('zeros', () => {
  test.each([
    ['FP32', 0],
    ['INT64', 0],
    ['BOOL', false],
    ['BYTES', ''],
  ])('of %s are %j, one for each element', (datatype, zero) => {
    expect(zerosOf(input(datatype, [2, 2]))).toEqual({
      ...input(datatype, [2, 2]),
      data: [zero, zero, zero, zero],
    })
  })

  test('of any size are of one', () => {
    expect(zerosOf(input('FP32', [-1, 3, -1])).shape).toEqual([1, 3, 1])
    expect(zerosOf(input('FP32', [-1, 3, -1])).data).toHaveLength(3)
    expect(zeroBytesOf(input('FP32', [-1, 3, -1]))).toHaveLength(12)
  })

  test('of a scalar are one, of an empty tensor none', () => {
    expect(zerosOf(input('FP32', [])).data).toEqual([0])
    expect(zerosOf(input('FP32', [2, 0])).data).toEqual([])
    expect(zeroBytesOf(input('FP64', []))).toHaveLength(8)
  })

  test('as bytes are of the datatype’s width', () => {
    const widths = DATATYPES.map((datatype) => zeroBytesOf(input(datatype, [3])).length / 3)
    expect(Object.fromEntries(DATATYPES.map((datatype, at) => [datatype, widths[at]]))).toEqual({
      ...{ BOOL: 1, UINT8: 1, UINT16: 2, UINT32: 4, UINT64: 8, INT8: 1, INT16: 2, INT32: 4 },
      // A text: its length alone.
      ...{ INT64: 8, FP16: 2, BF16: 2, FP32: 4, FP64: 8, BYTES: 4 },
    })
    expect(() => zeroBytesOf(input('FP8', [1]))).toThrow(NotShown)
  })
})

test('nested lists follow the shape, row by row', () => {
  expect(nested([1, 2, 3, 4, 5, 6], [2, 3])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(nested([1, 2, 3, 4], [2, 1, 2])).toEqual([[[1, 2]], [[3, 4]]])
  expect(nested([1, 2], [2])).toEqual([1, 2])
  expect(nested([7], [])).toEqual([7])
  expect(nested([], [0, 3])).toEqual([])
  expect(nested([], [2, 0])).toEqual([[], []])
})
