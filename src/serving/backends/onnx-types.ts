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

/** Whether tensors of this type of ONNX Runtime are served. */
export function isServedType(type: string): type is OnnxType {
  return Object.hasOwn(DATATYPES, type)
}

/** What the protocol calls it. */
export function datatypeOf(type: OnnxType): FixedSizeDatatype {
  return DATATYPES[type]
}
