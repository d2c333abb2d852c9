/** The protocol's JSON messages as schemas: what arrives is checked once, here. */
import { z } from 'zod'
import { InvalidInputError, messageOf } from '../errors.ts'
import { DATATYPES, type Parameters } from './messages.ts'

/** Inputs or outputs of one message, and dimensions of one tensor. */
const MAX_TENSORS = 256
const MAX_DIMENSIONS = 32

/** A short array: a long one is refused without a look at its elements. */
function few<Element extends z.ZodType>(element: Element, most: number) {
  return z
    .custom<unknown[]>((value) => Array.isArray(value) && value.length <= most, {
      error: `expected an array of ${most} at most`,
    })
    .pipe(z.array(element).meta({ maxItems: most }))
}

const parameter = z.union([z.string(), z.number(), z.boolean()], {
  error: 'a parameter is a text, a finite number, true or false',
})
const parameters = z.record(z.string(), parameter)
const tensor = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: few(z.number(), MAX_DIMENSIONS),
  parameters: parameters.exactOptional(),
  data: z.unknown().optional(),
})
const tensorMetadata = tensor.pick({ name: true, datatype: true, shape: true })

/** Body of `POST /v2/repository/index`; it may be left out. */
export const repositoryIndexRequest = z.object({ ready: z.boolean().exactOptional() })

/** `InferRequest`, its tensors as JSON entries. What else stands in it is kept, to be named as unknown. */
export const inferRequest = z.looseObject({
  id: z.string().exactOptional(),
  parameters: parameters.exactOptional(),
  inputs: few(tensor.loose(), MAX_TENSORS),
  outputs: few(
    z.looseObject({ name: z.string(), parameters: parameters.exactOptional() }),
    MAX_TENSORS,
  ).exactOptional(),
})

/** Of an answer: what is no value of a parameter is none that anybody here reads. */
const answeredParameters = z.record(z.string(), z.unknown()).transform(
  (all): Parameters =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => {
        const { data } = parameter.safeParse(value)
        return data === undefined ? [] : [[name, data]]
      }),
    ),
)

/** `InferResponse`, its tensors as JSON entries. */
export const inferResponse = z.object({
  model_name: z.string(),
  /** Some servers number it. */
  model_version: z.union([z.string(), z.number()]).transform(String).exactOptional(),
  id: z.string().exactOptional(),
  parameters: answeredParameters.exactOptional(),
  outputs: z.array(tensor.extend({ parameters: answeredParameters.exactOptional() })),
})

/** `ServerMetadata`. */
export const serverMetadata = z.object({
  name: z.string().catch(''),
  version: z.string().catch(''),
  extensions: z.array(z.string()).default([]),
})

/** `ModelMetadata`. */
export const modelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()).exactOptional(),
  platform: z.string().catch(''),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
  properties: z.record(z.string(), z.string()).exactOptional(),
})

/** What is null is absent: of a message, and of what stands in it; tensor data is left as it is. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (const element of value) withoutNulls(element)
    return value
  }
  for (const [key, field] of Object.entries(value)) {
    if (field === null) Reflect.deleteProperty(value, key)
    else if (key !== 'data') withoutNulls(field)
  }
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of a message, without a byte order mark. @throws TypeError where it is not UTF-8: nothing is replaced */
export function textOf(json: Uint8Array): string {
  return utf8.decode(json)
}

/** What to do where a client has written numbers that JSON does not have, as Python's `json` does. */
function remedyOf(reason: string): string {
  const isNoNumber = /token '[NI]'|No number after minus sign/.test(reason)
  return isNoNumber ? '; NaN and infinities have no JSON form: send the tensor as binary data' : ''
}

/** @throws InvalidInputError for malformed JSON, or naming the first field that does not fit */
export function parseMessage<Schema extends z.ZodType>(
  schema: Schema,
  json: Uint8Array,
): z.output<Schema> {
  if (json.byteLength === 0) throw new InvalidInputError('the message is empty: expected JSON')
  let value: unknown
  try {
    value = JSON.parse(textOf(json))
  } catch (cause) {
    const reason = messageOf(cause)
    throw new InvalidInputError(`the JSON cannot be parsed: ${reason}${remedyOf(reason)}`, {
      cause,
    })
  }
  const result = schema.safeParse(withoutNulls(value))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InvalidInputError(`${issue?.path.join('.') || 'the JSON'}: ${issue?.message}`)
}
