/** ONNX Runtime's element types and what the Open Inference Protocol calls them. */
import type { FixedSizeDatatype } from '../../protocol/datatypes.ts'

const DATATYPES = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
} as const satisfies Record<string, FixedSizeDatatype>

/** The types that are served; strings and 4-bit integers are not. */
export type OnnxType = keyof typeof DATATYPES

/** By `TensorProto.DataType`, as an ONNX file says it. */
const BY_CODE: ReadonlyMap<number, OnnxType> = new Map([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
])

/** What the protocol calls a type of an ONNX file; undefined for one that is not served. */
export function datatypeOfCode(code: number): FixedSizeDatatype | undefined {
  const type = BY_CODE.get(code)
  return type && DATATYPES[type]
}

/** Whether tensors of this type of ONNX Runtime are served. */
export function isServedType(type: string): type is OnnxType {
  return Object.hasOwn(DATATYPES, type)
}

/** What the protocol calls it. */
export function datatypeOf(type: OnnxType): FixedSizeDatatype {
  return DATATYPES[type]
}
