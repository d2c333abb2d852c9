import { expect, test } from 'vitest'
import { DATATYPES } from '../../protocol/messages.ts'
import { datatypeOf, isServedType } from './onnx-types.ts'

const NAMES = [
  'bool',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'float32',
  'float64',
]

/** Nothing here runs on these. */
const NOT_RUN = ['BYTES', 'BF16']

test('every other datatype of the protocol has exactly one type of ONNX Runtime', () => {
  expect(NAMES.filter(isServedType).map(datatypeOf)).toEqual(
    DATATYPES.filter((datatype) => !NOT_RUN.includes(datatype)),
  )
})

test.each(['string', 'int4', 'uint4', 'bfloat16', '', 'toString'])('"%s" is not served', (name) => {
  expect(isServedType(name)).toBe(false)
})
