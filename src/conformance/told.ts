/** What a server tells of itself, and what of it cannot be read: the same over REST and gRPC. */
import { z } from 'zod'
import { messageOf } from '../errors.ts'
import { Violation } from './violation.ts'

/** Metadata of any server. */
export const serverMetadata = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
})

/** Of a server that says nothing of itself. */
export const BLANK: z.infer<typeof serverMetadata> = { name: '', version: '', extensions: [] }

/** @throws Violation unless the JSON is of the schema */
export function shaped<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  if (json === undefined) throw new Violation('the answer is no JSON')
  const { data, error } = schema.safeParse(json)
  if (error) throw new Violation(z.prettifyError(error))
  return data
}

/** What went wrong, and what was said last. */
export function whyUnknown(said: readonly string[], error: unknown): string {
  return `its model is not known: ${messageOf(error)}; last: ${said.at(-1) ?? 'nothing was said'}`
}
