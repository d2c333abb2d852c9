/** What the page asks of the node that served it. */
import { z } from 'zod'
import { authorization } from './access.ts'

/** An answer that says no. */
export class RefusedError extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

const refusal = z.object({ error: z.string() })

/** @throws RefusedError with the node's reason; another error where it cannot be reached, or says what does not match */
export async function ask<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  body?: unknown,
): Promise<z.infer<Schema>> {
  const response = await fetch(`/v2/tierwise/${path}`, {
    headers: {
      ...authorization(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  const json: unknown = await response.json()
  if (response.ok) return schema.parse(json)
  const reason = refusal.safeParse(json).data?.error ?? `answered ${response.status}`
  throw new RefusedError(reason, response.status)
}
