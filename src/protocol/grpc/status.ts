/** This project's errors as statuses of gRPC, and back. */
import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { messageOf, TierwiseError } from '../../errors.ts'
import { ERROR_CODE_HEADER, RETRY_AFTER_MS_HEADER } from '../client-errors.ts'

/** Where the code says more than the status of HTTP. */
const BY_CODE: Readonly<Record<string, status>> = {
  overloaded: status.RESOURCE_EXHAUSTED,
  deadline: status.DEADLINE_EXCEEDED,
  precondition: status.FAILED_PRECONDITION,
}

const BY_HTTP_STATUS: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  413: status.RESOURCE_EXHAUSTED,
  415: status.INVALID_ARGUMENT,
  501: status.UNIMPLEMENTED,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
}

/** What a call that failed is answered with: the error's message, its stable code, and when to try again, as metadata. */
export function statusOf(error: unknown): StatusObject {
  const metadata = new Metadata()
  const details = messageOf(error)
  if (!(error instanceof TierwiseError)) return { code: status.INTERNAL, details, metadata }
  metadata.set(ERROR_CODE_HEADER, error.code)
  if (error.retryAfterMs !== undefined) {
    metadata.set(RETRY_AFTER_MS_HEADER, String(Math.ceil(error.retryAfterMs)))
  }
  const code = BY_CODE[error.code] ?? BY_HTTP_STATUS[error.status] ?? status.INTERNAL
  return { code, details, metadata }
}
