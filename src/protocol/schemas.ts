/** The protocol's JSON messages as schemas: what arrives is checked once, here. */
import { z } from 'zod'
import { InvalidInputError, messageOf } from '../errors.ts'
import { DATATYPES } from './messages.ts'

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const tensor = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.number()),
  parameters: parameters.exactOptional(),
  data: z.unknown().optional(),
})
const tensorMetadata = tensor.pick({ name: true, datatype: true, shape: true })

/** `InferRequest`, its tensors as JSON entries. */
export const inferRequest = z.object({
  id: z.string().exactOptional(),
  parameters: parameters.exactOptional(),
  inputs: z.array(tensor),
  outputs: z
    .array(z.object({ name: z.string(), parameters: parameters.exactOptional() }))
    .exactOptional(),
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
