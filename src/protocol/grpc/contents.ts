/** Tensor data by `InferTensorContents`: one list for each family of datatypes. */
import { InvalidInputError } from '../../errors.ts'
import { joinByteStrings, splitByteStrings } from '../byte-strings.ts'
import { bytesOf, viewElements } from '../datatypes.ts'
import { parseJsonData } from '../json-data.ts'
import type { Datatype, Tensor } from '../messages.ts'
import { checkData } from '../tensor-codec.ts'
import type { InferTensorContents } from './messages.ts'

/** Where a datatype's elements stand; the 16-bit floats have no list. */
const LISTS: Readonly<Partial<Record<Datatype, keyof InferTensorContents>>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
}

/** Whether elements can be listed at all. */
export function hasContents(datatype: Datatype): boolean {
  return LISTS[datatype] !== undefined
}

/** @throws InvalidInputError for elements of another family, too many or too few, or out of the datatype's range */
export function readContents(
  tensor: Pick<Tensor, 'name' | 'datatype' | 'shape'>,
  contents: InferTensorContents,
): Tensor {
  const { name, datatype } = tensor
  const list = LISTS[datatype]
  if (list === undefined) {
    throw new InvalidInputError(
      `tensor "${name}": ${datatype} has no contents, send it in raw_input_contents`,
    )
  }
  const filled = Object.entries(contents).find(([key, values]) => key !== list && values.length > 0)
  if (filled) {
    throw new InvalidInputError(
      `tensor "${name}": ${datatype} stands in ${list}, not in ${filled[0]}`,
    )
  }
  return checkData({ ...tensor, data: dataOf(tensor, contents) })
}

function dataOf(
  tensor: Pick<Tensor, 'name' | 'datatype' | 'shape'>,
  contents: InferTensorContents,
): Uint8Array {
  const { datatype } = tensor
  const list = LISTS[datatype] ?? 'bytes_contents'
  // These hold what JSON has no form for: NaN, infinities, bytes that are no text.
  if (datatype === 'FP32') return bytesOf(Float32Array.from(contents.fp32_contents ?? []))
  if (datatype === 'FP64') return bytesOf(Float64Array.from(contents.fp64_contents ?? []))
  if (datatype === 'BYTES') return joinByteStrings(contents.bytes_contents ?? [])
  return parseJsonData({ ...tensor, shape: [contents[list]?.length ?? 0] }, contents[list] ?? [])
}

/** @throws InvalidInputError for a datatype that `hasContents` not */
export function contentsOf({ name, datatype, data, ...rest }: Tensor): InferTensorContents {
  const list = LISTS[datatype]
  if (list === undefined)
    throw new InvalidInputError(`tensor "${name}": ${datatype} has no contents`)
  if (datatype === 'BYTES') return { [list]: splitByteStrings(name, data) }
  const elements = viewElements({ name, datatype, data, ...rest })
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array)
    return { [list]: Array.from(elements, String) }
  if (datatype === 'BOOL') return { [list]: Array.from(elements, (value) => value !== 0) }
  return { [list]: Array.from(elements) }
}
