/** ONNX Runtime's element types and what the Open Inference Protocol calls them. */
import type { Datatype } from '../protocol/messages.ts'

type ElementArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array

export interface ElementType {
  /** ONNX Runtime's name. */
  readonly onnx: OnnxType
  readonly datatype: Datatype
  readonly bytes: number
  /** A typed view that ONNX Runtime takes for this type; `offset` must be a multiple of `bytes`. */
  view(buffer: ArrayBuffer, offset: number, elements: number): ElementArray
}

export type OnnxType =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64'

type ArrayClass = {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, offset: number, elements: number): ElementArray
}

function elementType(onnx: OnnxType, datatype: Datatype, arrayClass: ArrayClass): ElementType {
  return {
    onnx,
    datatype,
    bytes: arrayClass.BYTES_PER_ELEMENT,
    view: (buffer, offset, elements) => new arrayClass(buffer, offset, elements),
  }
}

const ELEMENT_TYPES = [
  elementType('bool', 'BOOL', Uint8Array),
  elementType('uint8', 'UINT8', Uint8Array),
  elementType('uint16', 'UINT16', Uint16Array),
  elementType('uint32', 'UINT32', Uint32Array),
  elementType('uint64', 'UINT64', BigUint64Array),
  elementType('int8', 'INT8', Int8Array),
  elementType('int16', 'INT16', Int16Array),
  elementType('int32', 'INT32', Int32Array),
  elementType('int64', 'INT64', BigInt64Array),
  elementType('float16', 'FP16', Uint16Array),
  elementType('float32', 'FP32', Float32Array),
  elementType('float64', 'FP64', Float64Array),
]

const byOnnx = new Map<string, ElementType>(ELEMENT_TYPES.map((type) => [type.onnx, type]))
const byDatatype = new Map<string, ElementType>(ELEMENT_TYPES.map((type) => [type.datatype, type]))

/** @returns undefined for types that Tierwise does not serve, such as strings */
export function elementTypeOfOnnx(onnx: string): ElementType | undefined {
  return byOnnx.get(onnx)
}

/** @returns undefined for BYTES */
export function elementTypeOfDatatype(datatype: Datatype): ElementType | undefined {
  return byDatatype.get(datatype)
}
