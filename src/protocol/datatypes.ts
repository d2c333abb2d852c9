/** Sizes and typed views of tensor data. Bytes are little-endian, as is every machine that runs Node. */
import { InvalidInputError } from '../errors.ts'
import type { Datatype, Tensor } from './messages.ts'

/** The typed array that holds a datatype's elements; FP16 and BF16 as their 16-bit patterns, BOOL as 0 or 1. */
const ELEMENT_ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

/** All but BYTES. */
export type FixedSizeDatatype = Exclude<Datatype, 'BYTES'>
type ElementsOf<Type extends FixedSizeDatatype> = InstanceType<(typeof ELEMENT_ARRAYS)[Type]>
/** The elements of a tensor of any such datatype. */
export type Elements = ElementsOf<FixedSizeDatatype>

const MAX_DIMENSIONS = 64

/**
 * Product of the shape's sizes; 1 for a scalar.
 * @throws InvalidInputError for a negative, fractional or overflowing size
 */
export function elementCount(shape: readonly number[]): number {
  if (shape.length > MAX_DIMENSIONS) {
    throw new InvalidInputError(
      `a shape of ${shape.length} dimensions is over the limit of ${MAX_DIMENSIONS}`,
    )
  }
  let count = 1
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new InvalidInputError(
        `shape [${shape}] is invalid: every size must be an integer from 0 to 2^53 - 1`,
      )
    }
    count *= size
  }
  // Checked without the zeros too: [2^40, 2^40, 0] has no elements, yet no implementation can stride over it.
  const stride = shape.reduce((product, size) => product * Math.max(size, 1), 1)
  if (!Number.isSafeInteger(stride)) {
    throw new InvalidInputError(`shape [${shape}] is invalid: its element count overflows 2^53`)
  }
  return count
}

/** Bytes of one element. */
export function elementBytes(datatype: FixedSizeDatatype): number {
  return ELEMENT_ARRAYS[datatype].BYTES_PER_ELEMENT
}

/** A new array of zeros. */
export function allocateElements(datatype: FixedSizeDatatype, count: number): Elements {
  return new ELEMENT_ARRAYS[datatype](count)
}

/**
 * A tensor's elements as the typed array of its datatype: a view of the same memory where alignment allows, else a copy.
 * @throws InvalidInputError for BYTES, whose elements have no fixed size (see `splitByteStrings`)
 */
export function viewElements(tensor: Pick<Tensor, 'name' | 'datatype' | 'data'>): Elements {
  const { name, datatype, data } = tensor
  if (datatype === 'BYTES') {
    throw new InvalidInputError(`tensor "${name}" is BYTES: its elements have no fixed size`)
  }
  const ElementArray = ELEMENT_ARRAYS[datatype]
  const size = ElementArray.BYTES_PER_ELEMENT
  if (data.byteLength % size !== 0) {
    throw new InvalidInputError(
      `tensor "${name}" has ${data.byteLength} bytes, not a multiple of the ${size} bytes of one ${datatype}`,
    )
  }
  const aligned = data.byteOffset % size === 0 ? data : Uint8Array.from(data)
  // The compiler asks the union of constructors for an ArrayBuffer; each takes a SharedArrayBuffer as well.
  const buffer = aligned.buffer as ArrayBuffer
  return new ElementArray(buffer, aligned.byteOffset, aligned.byteLength / size)
}

/**
 * The elements of an FP32 tensor, without a copy where alignment allows.
 * @throws InvalidInputError for any other datatype
 */
export function viewFloat32(tensor: Tensor): Float32Array {
  const elements = viewElements(tensor)
  if (elements instanceof Float32Array) return elements
  throw new InvalidInputError(`tensor "${tensor.name}" is ${tensor.datatype}, not FP32`)
}

/** The bytes of a typed array, as the `data` of a tensor: a view, no copy. */
export function bytesOf(elements: ArrayBufferView): Uint8Array {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
}
