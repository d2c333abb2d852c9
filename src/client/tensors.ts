/** Tensors as the protocol carries them: lists as JSON, typed arrays as bytes behind it (little-endian, as all that runs this is). */

/** The typed array that holds a datatype's elements: FP16 and BF16 as their 16-bit patterns, BOOL as 0 or 1. */
const ARRAYS = {
  ...{ BOOL: Uint8Array, UINT8: Uint8Array, UINT16: Uint16Array, UINT32: Uint32Array },
  ...{ INT8: Int8Array, INT16: Int16Array, INT32: Int32Array },
  ...{ UINT64: BigUint64Array, INT64: BigInt64Array },
  ...{ FP16: Uint16Array, BF16: Uint16Array, FP32: Float32Array, FP64: Float64Array },
}

/** A datatype of the protocol. */
export type Datatype = keyof typeof ARRAYS | 'BYTES'
/** Elements of every datatype but BYTES. */
export type TypedArray =
  | (Uint8Array | Uint16Array | Uint32Array | BigUint64Array)
  | (Int8Array | Int16Array | Int32Array | BigInt64Array)
  | (Float32Array | Float64Array)

/** A named tensor, its elements row by row. */
export interface Tensor {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  /** A typed array travels as bytes: exact, and far faster. A list travels as JSON; BYTES are always a list of texts. */
  readonly data: TypedArray | readonly (number | boolean | string)[]
}

/** What is posted. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Blob | string
}

/** Of a JSON, when it is bytes that follow. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length'

/** What a request says beside its inputs; what is undefined is left out. */
interface Asked {
  readonly id?: string | undefined
  readonly parameters: Readonly<Record<string, number | undefined>>
  readonly outputs?: readonly object[] | undefined
}

/** A request. Where an input is bytes, outputs are asked for as bytes too. */
export function encodeRequest(
  { parameters, ...others }: Asked,
  tensors: readonly Tensor[],
): Message {
  const bytes: Uint8Array<ArrayBuffer>[] = []
  const inputs = tensors.map(({ data, ...described }) => {
    if (!ArrayBuffer.isView(data)) return { ...described, data }
    const copy = new Uint8Array(data.byteLength)
    copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    bytes.push(copy)
    return { ...described, parameters: { binary_data_size: data.byteLength } }
  })
  const isBinary = bytes.length > 0
  const json = JSON.stringify({
    ...others,
    parameters: { ...parameters, ...(isBinary && { binary_data_output: true }) },
    inputs,
  })
  if (!isBinary) return { headers: { 'content-type': 'application/json' }, body: json }
  const head = new TextEncoder().encode(json)
  return {
    headers: {
      'content-type': 'application/octet-stream',
      [JSON_LENGTH_HEADER]: String(head.byteLength),
    },
    body: new Blob([head, ...bytes]),
  }
}

/** An answer: its JSON, and the outputs with their elements. @throws Error for what is no answer of the protocol */
export function decodeAnswer(body: ArrayBuffer, jsonLength: number) {
  const json: unknown = JSON.parse(textOf(new Uint8Array(body, 0, jsonLength)))
  if (!isRecord(json) || !Array.isArray(json['outputs'])) throw new Error('it has no outputs')
  let at = jsonLength
  const outputs = json['outputs'].map((output: unknown): Tensor => {
    if (!isRecord(output)) throw new Error('an output is no object')
    const { name, datatype, shape, data, parameters } = output
    if (typeof name !== 'string' || !isDatatype(datatype) || !isShape(shape)) {
      throw new Error('an output has no name, datatype or shape')
    }
    const size = isRecord(parameters) ? parameters['binary_data_size'] : undefined
    if (typeof size !== 'number') {
      if (!Array.isArray(data)) throw new Error(`output ${name} has no data`)
      return { name, datatype, shape, data: data.flat(Infinity) }
    }
    const bytes = body.slice(at, at + size)
    if (bytes.byteLength !== size) throw new Error(`output ${name} ends early`)
    at += size
    return { name, datatype, shape, data: elementsOf(datatype, bytes) }
  })
  return { json, outputs }
}

/** The names of the outputs in a model's metadata. @throws Error where there are none */
export function outputNamesIn(metadata: ArrayBuffer): string[] {
  const json: unknown = JSON.parse(textOf(new Uint8Array(metadata)))
  const outputs = isRecord(json) ? json['outputs'] : undefined
  if (!Array.isArray(outputs)) throw new Error('it has no outputs')
  return outputs.map((output: unknown) => String(isRecord(output) ? output['name'] : output))
}

function elementsOf(datatype: Datatype, bytes: ArrayBuffer): Tensor['data'] {
  return datatype === 'BYTES' ? textsOf(bytes) : new ARRAYS[datatype](bytes)
}

/** Each has its length before it, 4 bytes. */
function textsOf(bytes: ArrayBuffer): string[] {
  const texts: string[] = []
  const view = new DataView(bytes)
  for (let at = 0; at < bytes.byteLength; ) {
    const length = view.getUint32(at, true)
    texts.push(textOf(new Uint8Array(bytes, at + 4, length)))
    at += 4 + length
  }
  return texts
}

/** Whether its fields may be looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const isDatatype = (value: unknown): value is Datatype =>
  typeof value === 'string' && (value === 'BYTES' || Object.hasOwn(ARRAYS, value))
const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => typeof size === 'number')
