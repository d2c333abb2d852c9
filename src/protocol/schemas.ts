/** The protocol's JSON messages as schemas: what arrives is checked once, here. */
import { z } from 'zod'
import { InvalidInputError, messageOf } from '../errors.ts'
import { DATATYPES } from './messages.ts'

/** Inputs or outputs of one message, and dimensions of one tensor. */
const MAX_TENSORS = 256
const MAX_DIMENSIONS = 32

/** A short array: a long one is refused without a look at its elements. */
function few<Element extends z.ZodType>(element: Element, most: number) {
  return z
    .custom<unknown[]>((value) => Array.isArray(value) && value.length <= most, {
      error: `expected an array of ${most} at most`,
    })
    .pipe(z.array(element))
}

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const tensor = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: few(z.number(), MAX_DIMENSIONS),
  parameters: parameters.exactOptional(),
  data: z.unknown().optional(),
})
const tensorMetadata = tensor.pick({ name: true, datatype: true, shape: true })

/** `InferRequest`, its tensors as JSON entries. */
export const inferRequest = z.object({
  id: z.string().exactOptional(),
  parameters: parameters.exactOptional(),
  inputs: few(tensor, MAX_TENSORS),
  outputs: few(
    z.object({ name: z.string(), parameters: parameters.exactOptional() }),
    MAX_TENSORS,
  ).exactOptional(),
})

/** `InferResponse`, its tensors as JSON entries. */
export const inferResponse = z.object({
  model_name: z.string(),
  model_version: z.string().exactOptional(),
  id: z.string().exactOptional(),
  parameters: parameters.exactOptional(),
  outputs: z.array(tensor),
})

/** `ServerMetadata`. */
export const serverMetadata = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
})

/** `ModelMetadata`. */
export const modelMetadata = z.object({
  name: z.string(),
  versions: z.array(z.string()).exactOptional(),
  platform: z.string(),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
  properties: z.record(z.string(), z.string()).exactOptional(),
})

/** @throws InvalidInputError for malformed JSON, or naming the first field that does not fit */
export function parseMessage<Schema extends z.ZodType>(
  schema: Schema,
  json: Uint8Array,
): z.output<Schema> {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString())
  } catch (cause) {
    throw new InvalidInputError(`the JSON cannot be parsed: ${messageOf(cause)}`, { cause })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InvalidInputError(`${issue?.path.join('.') || 'the JSON'}: ${issue?.message}`)
}
