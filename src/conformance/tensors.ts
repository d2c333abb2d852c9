/** Tensors that a model must take, made from nothing but its metadata. */
import { NotShown } from './violation.ts'

/** As a server's metadata describes one. */
export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

/** Bytes of one element. BYTES: a length of 4 bytes, and no text. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  INT8: 1,
  UINT8: 1,
  INT16: 2,
  UINT16: 2,
  FP16: 2,
  BF16: 2,
  INT32: 4,
  UINT32: 4,
  FP32: 4,
  BYTES: 4,
  INT64: 8,
  UINT64: 8,
  FP64: 8,
}

/** One request of zeros: a valid value of every datatype. */
export function zerosOf({ name, datatype, shape }: TensorMetadata) {
  const sizes = shape.map((size) => (size < 0 ? 1 : size))
  const zero = datatype === 'BOOL' ? false : datatype === 'BYTES' ? '' : 0
  return { name, datatype, shape: sizes, data: Array.from({ length: count(sizes) }, () => zero) }
}

/** The same as bytes: little-endian, row-major. @throws NotShown for a datatype that nobody has told us of */
export function zeroBytesOf({ datatype, shape }: TensorMetadata): Buffer {
  const bytes = ELEMENT_BYTES[datatype]
  if (bytes === undefined) throw new NotShown(`the model has an input of datatype ${datatype}`)
  return Buffer.alloc(bytes * count(shape.map((size) => (size < 0 ? 1 : size))))
}

/** Elements of a shape without -1. */
function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Data as lists within lists, one level for each size. */
export function nested(flat: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  const [size = 1, ...rest] = shape
  if (rest.length === 0) return flat
  const stride = flat.length / size
  return Array.from({ length: size }, (_, row) =>
    nested(flat.slice(row * stride, (row + 1) * stride), rest),
  )
}
