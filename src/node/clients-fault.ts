import { TierwiseError } from '../errors.ts'
import type { InferCall } from '../protocol/inference-handler.ts'

/** The request was wrong, or its client has gone away. */
export function isClientsFault(error: unknown, { signal }: Pick<InferCall, 'signal'>): boolean {
  return signal.aborted || (error instanceof TierwiseError && error.status < 500)
}
