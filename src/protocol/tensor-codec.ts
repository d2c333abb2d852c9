/** Lists of tensors on the wire: JSON entries, with their data inside or as binary after the JSON part. */
import { InvalidInputError } from '../errors.ts'
import { splitByteStrings } from './byte-strings.ts'
import { elementBytes, elementCount } from './datatypes.ts'
import { jsonText, parseJsonData } from './json-data.ts'
import type { Datatype, Parameters, Tensor, WireBody } from './messages.ts'

/** One entry of `inputs` or `outputs` as parsed from JSON. */
export interface TensorEntry {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly parameters?: Parameters | undefined
  readonly data?: unknown
}

/** Bytes of the largest element: binary data begins at a multiple of it, so that a receiver can view it in place. */
export const ALIGNMENT = 8

/**
 * Decodes the entries; binary data stays where it is (`Tensor.data` is a view of `binary`).
 * @param binary what follows the JSON part; undefined when the message is JSON alone
 * @throws InvalidInputError when data and shape disagree, or the binary part is too short or too long
 */
export function decodeTensors(
  entries: readonly TensorEntry[],
  binary: Uint8Array | undefined,
): Tensor[] {
  let offset = 0
  const tensors = entries.map((entry): Tensor => {
    const { name, datatype, shape, parameters, data } = entry
    const { binary_data_size: size } = parameters ?? {}
    if (size === undefined) return { name, datatype, shape, data: parseJsonData(entry, data) }
    if (binary === undefined || data !== undefined) {
      throw new InvalidInputError(
        `tensor "${name}" has binary_data_size: send the header Inference-Header-Content-Length and no "data"`,
      )
    }
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw new InvalidInputError(`tensor "${name}": binary_data_size ${size} is not a byte count`)
    }
    const start = offset
    offset += size
    if (offset > binary.byteLength) {
      throw new InvalidInputError(
        `tensor "${name}": binary data is truncated, it should end at byte ${offset} of ${binary.byteLength}`,
      )
    }
    return checkData({ name, datatype, shape, data: binary.subarray(start, offset) })
  })
  if (binary !== undefined && offset !== binary.byteLength) {
    throw new InvalidInputError(
      `${binary.byteLength - offset} bytes of binary data belong to no tensor: check binary_data_size`,
    )
  }
  return tensors
}

/** @throws InvalidInputError when a tensor's bytes do not hold exactly the elements of its shape, or hold no elements of its datatype */
export function checkData(tensor: Tensor): Tensor {
  const { name, datatype, shape, data } = tensor
  const count = elementCount(shape)
  const matches =
    datatype === 'BYTES'
      ? splitByteStrings(name, data).length === count
      : data.byteLength === count * elementBytes(datatype)
  if (matches) return datatype === 'BOOL' ? checkBooleans(tensor) : tensor
  throw new InvalidInputError(
    `tensor "${name}": ${data.byteLength} bytes do not hold the ${count} ${datatype} elements of shape [${shape}]`,
  )
}

/** A runtime may make anything of another byte. */
function checkBooleans(tensor: Tensor): Tensor {
  const index = tensor.data.findIndex((byte) => byte > 1)
  if (index < 0) return tensor
  throw new InvalidInputError(
    `tensor "${tensor.name}": element ${index} is the byte ${tensor.data[index]}, not a BOOL: send 0 or 1`,
  )
}

/** The tensors as entries in JSON text, and the data to append for those that travel as binary. */
export function encodeTensors(
  tensors: readonly Tensor[],
  isBinary: (name: string) => boolean,
): { readonly entries: readonly string[]; readonly binary: readonly Uint8Array[] | undefined } {
  const binary: Uint8Array[] = []
  const entries = tensors.map((tensor) => {
    const { name, datatype, shape, data } = tensor
    const head = { name, datatype, shape }
    if (!isBinary(name)) return extended(JSON.stringify(head), 'data', jsonText(tensor))
    binary.push(data)
    return JSON.stringify({ ...head, parameters: { binary_data_size: data.byteLength } })
  })
  return { entries, binary: tensors.some(({ name }) => isBinary(name)) ? binary : undefined }
}

/**
 * A message: its JSON part and the binary data, the JSON padded with spaces to keep the data aligned.
 * @param head of the message, not empty. @param entries of its tensors, as JSON text
 */
export function assemble(
  head: object,
  key: 'inputs' | 'outputs',
  entries: readonly string[],
  binary: readonly Uint8Array[] | undefined,
): WireBody {
  const text = extended(JSON.stringify(head), key, `[${entries.join()}]`)
  if (binary === undefined) return { body: Buffer.from(text) }
  const textLength = Buffer.byteLength(text)
  const jsonLength = Math.ceil(textLength / ALIGNMENT) * ALIGNMENT
  const json = Buffer.from(text + ' '.repeat(jsonLength - textLength))
  return { body: Buffer.concat([json, ...binary]), jsonLength }
}

/** A JSON object that is not empty, with one more field. */
function extended(object: string, key: string, value: string): string {
  return `${object.slice(0, -1)},"${key}":${value}}`
}
