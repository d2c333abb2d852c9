/** Tensor data in JSON: nested or flat, row-major. What JSON cannot hold exactly is refused, never rounded. */
import { InvalidInputError } from '../errors.ts'
import { joinByteStrings, splitByteStrings } from './byte-strings.ts'
import { allocateElements, bytesOf, elementCount, viewElements } from './datatypes.ts'
import { brainBits, brainValue, halfBits, halfValue } from './half.ts'
import type { Tensor } from './messages.ts'

type TensorHead = Pick<Tensor, 'name' | 'datatype' | 'shape'>

const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  UINT8: [0, 0xff],
  UINT16: [0, 0xffff],
  UINT32: [0, 0xffffffff],
  INT8: [-0x80, 0x7f],
  INT16: [-0x8000, 0x7fff],
  INT32: [-0x80000000, 0x7fffffff],
}

/** Stored as bit patterns. */
const SHORT_FLOATS: Readonly<
  Record<string, { bits: (value: number) => number; value: (bits: number) => number }>
> = {
  FP16: { bits: halfBits, value: halfValue },
  BF16: { bits: brainBits, value: brainValue },
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the `data` of a JSON tensor into little-endian bytes.
 * @throws InvalidInputError for mixed depth, a wrong element count, or an element the datatype cannot hold
 */
export function parseJsonData(tensor: TensorHead, data: unknown): Uint8Array {
  const { name, datatype, shape } = tensor
  const count = elementCount(shape)
  if (!Array.isArray(data)) throw new InvalidInputError(`tensor "${name}": data must be an array`)
  const isNested = shape.length > 1 && Array.isArray(data[0])
  const values: unknown[] = isNested ? [] : data
  if (isNested) flatten(tensor, data, 0, values)
  if (values.length !== count) {
    throw new InvalidInputError(
      `tensor "${name}": ${values.length} elements given, shape [${shape}] needs ${count}`,
    )
  }
  if (datatype === 'BYTES') {
    return joinByteStrings(values.map((value, index) => encodeString(tensor, value, index)))
  }
  const elements = allocateElements(datatype, count)
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    for (let index = 0; index < count; index++)
      elements[index] = toBigInt(tensor, values[index], index)
  } else {
    const fits = elementCheck(tensor)
    const { bits = Number } = SHORT_FLOATS[datatype] ?? {}
    for (let index = 0; index < count; index++) {
      const value = values[index]
      elements[index] = fits(value) ? bits(Number(value)) : refuse(tensor, value, index)
    }
  }
  return bytesOf(elements)
}

/**
 * A tensor's elements as a flat JSON array, as text: 64-bit integers are numbers there whatever their size.
 * @throws InvalidInputError for what JSON cannot hold: NaN, infinities, strings that are not UTF-8
 */
export function jsonText(tensor: Tensor): string {
  const { name, datatype, data } = tensor
  if (datatype === 'BYTES')
    return JSON.stringify(splitByteStrings(name, data).map((bytes) => decodeString(name, bytes)))
  const elements = viewElements(tensor)
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    return `[${elements.join()}]`
  }
  if (datatype === 'BOOL') return JSON.stringify(Array.from(elements, (value) => value !== 0))
  const values = Array.from(elements, SHORT_FLOATS[datatype]?.value ?? Number)
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) {
    throw new InvalidInputError(
      `tensor "${name}": element ${bad} is ${values[bad]}, which JSON cannot hold: ask for binary_data`,
    )
  }
  return JSON.stringify(values)
}

/** Appends the elements of nested arrays whose lengths must follow the shape. */
function flatten(tensor: TensorHead, data: unknown, dimension: number, flat: unknown[]): void {
  const { name, shape } = tensor
  if (!Array.isArray(data) || data.length !== shape[dimension]) {
    throw new InvalidInputError(
      `tensor "${name}": nested data does not follow shape [${shape}] at dimension ${dimension}`,
    )
  }
  for (const item of data) {
    if (dimension + 1 === shape.length) flat.push(item)
    else flatten(tensor, item, dimension + 1, flat)
  }
}

/** Whether one JSON value can be an element of the tensor; 64-bit integers apart. */
function elementCheck({ datatype }: TensorHead): (value: unknown) => value is number | boolean {
  if (datatype === 'BOOL') return (value) => typeof value === 'boolean'
  const range = INTEGER_RANGES[datatype]
  if (range) {
    const [lowest, highest] = range
    return (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest
  }
  const { bits = Number, value: stored = Number } =
    datatype === 'FP32' ? { bits: Math.fround } : (SHORT_FLOATS[datatype] ?? {})
  return (value): value is number =>
    typeof value === 'number' && Number.isFinite(stored(bits(value)))
}

/** INT64 and UINT64: a JSON number while exact; beyond 2^53 a string of its digits, which `withExactIntegers` makes of a number. */
function toBigInt(tensor: TensorHead, value: unknown, index: number): bigint {
  const exact =
    Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value))
  if (!exact || (typeof value !== 'number' && typeof value !== 'string')) {
    return refuse(tensor, value, index, 'write all digits')
  }
  const integer = BigInt(value)
  const wrapped =
    tensor.datatype === 'INT64' ? BigInt.asIntN(64, integer) : BigInt.asUintN(64, integer)
  return wrapped === integer ? integer : refuse(tensor, value, index)
}

function encodeString(tensor: TensorHead, value: unknown, index: number): Uint8Array {
  if (typeof value !== 'string') return refuse(tensor, value, index)
  const bytes = Buffer.from(value)
  // A lone surrogate has no UTF-8 form: it would come back as another character.
  return bytes.toString() === value ? bytes : refuse(tensor, value, index)
}

function decodeString(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new InvalidInputError(`BYTES tensor "${name}" is not UTF-8: ask for binary_data`)
  }
}

function refuse(tensor: TensorHead, value: unknown, index: number, remedy?: string): never {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 80)
  throw new InvalidInputError(
    `tensor "${tensor.name}": element ${index} is ${shown}, not a ${tensor.datatype}${remedy ? `: ${remedy}` : ''}`,
  )
}
