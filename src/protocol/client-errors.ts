/** What went wrong with a request to another server, as this project's errors. */
import {
  BadGatewayError,
  DeadlineError,
  InvalidInputError,
  messageOf,
  NotFoundError,
  OverloadedError,
  TierwiseError,
  TimeoutError,
  TooLargeError,
  UnavailableError,
  UnsupportedMediaError,
} from '../errors.ts'

const ERRORS_BY_STATUS: Readonly<Record<number, new (message: string) => TierwiseError>> = {
  400: InvalidInputError,
  404: NotFoundError,
  413: TooLargeError,
  415: UnsupportedMediaError,
  503: UnavailableError,
  504: TimeoutError,
}

/** Tells errors of one status apart, between nodes of this project. */
export const ERROR_CODE_HEADER = 'x-tierwise-error'

/** Predicted time until the same request would be taken; `Retry-After` has whole seconds only. */
export const RETRY_AFTER_MS_HEADER = 'retry-after-ms'

/** Longer predictions of another server are not believed. */
const LONGEST_RETRY_AFTER_MS = 3_600_000

/** Characters of a reason; a good one has a tenth. */
const LONGEST_MESSAGE = 2000

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The error a server answered with: its own message and status; and where it is a node of this project, its code. Nobody follows it elsewhere (3xx). */
export function answeredError(
  url: string,
  status: number,
  body: Uint8Array,
  headers: Headers,
): TierwiseError {
  const message = `${url} answered ${status}: ${errorMessage(body)}`
  const code = headers[ERROR_CODE_HEADER]
  const retryAfterMs = toldRetryAfterMs(headers)
  if (status === 503 && code === 'deadline') return new DeadlineError(message, { retryAfterMs })
  if (status === 503 && code === 'overloaded') return new OverloadedError(message, { retryAfterMs })
  if (status < 400) return new BadGatewayError(`${message}: give the address that it sends to`)
  const KnownError = ERRORS_BY_STATUS[status]
  return KnownError ? new KnownError(message) : new TierwiseError(message, 'remote-error', status)
}

/** What undici calls an answer over the limit. */
const TOO_LONG = 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
/** What Node.js calls a certificate whose authority the client does not know. */
const UNKNOWN_AUTHORITY = ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']

/** A request that got no answer: not reached, cut off, not understood, or too long. */
export function requestError(url: string, cause: unknown): TierwiseError {
  if (cause instanceof TierwiseError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === TOO_LONG) {
    return new BadGatewayError(`${url} was answered at too great a length`, { cause })
  }
  if (UNKNOWN_AUTHORITY.includes(code)) {
    return new UnavailableError(
      `${url} is not trusted (${messageOf(cause)}): give the credentials of its fleet (--credentials FILE), or its authority (ca)`,
      { cause },
    )
  }
  return new UnavailableError(`${url} cannot be reached: ${messageOf(cause)}`, { cause })
}

function toldRetryAfterMs(headers: Headers): number | undefined {
  const toldMs = Number(headers[RETRY_AFTER_MS_HEADER])
  return toldMs >= 0 && toldMs <= LONGEST_RETRY_AFTER_MS ? toldMs : undefined
}

function errorMessage(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null && 'error' in answer) {
      if (typeof answer.error === 'string') return answer.error.slice(0, LONGEST_MESSAGE)
    }
  } catch {
    // Not a server of this protocol, such as a proxy's page.
  }
  // Its first words say what it is.
  return text.slice(0, 200) || 'no message'
}
