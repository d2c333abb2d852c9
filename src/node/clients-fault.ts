import { TierwiseError } from '../errors.ts'
import type { InferCall } from '../protocol/inference-handler.ts'

/** What a tier above says of this node, whose credentials ended or were revoked. */
const OWN_FAULTS = [401, 403]

/** The request was wrong, or its client has gone away. */
export function isClientsFault(error: unknown, { signal }: Pick<InferCall, 'signal'>): boolean {
  if (signal.aborted) return true
  return error instanceof TierwiseError && error.status < 500 && !OWN_FAULTS.includes(error.status)
}
