/** What a server refused with, as errors that a program can tell apart. */
import {
  BadGatewayError,
  DeadlineError,
  ForbiddenError,
  InvalidInputError,
  messageOf,
  NotFoundError,
  OverloadedError,
  TierwiseError,
  TimeoutError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedMediaError,
} from '../errors.ts'
import { isRecord } from './tensors.ts'

/** Of two with one status, the first is that of a server that gives no code. */
const ERRORS = [
  ...[InvalidInputError, UnauthorizedError, ForbiddenError, NotFoundError, TooLargeError],
  ...[UnsupportedMediaError, BadGatewayError, UnavailableError, OverloadedError, DeadlineError],
  TimeoutError,
]
const KINDS = ERRORS.map((Kind) => {
  const { code, status } = new Kind('')
  return { Kind, code, status }
})

/** The error that an answer reports: by its code, else by its status. */
export async function errorOf(answer: Response): Promise<TierwiseError> {
  const { status, url, headers } = answer
  const message = `${url} answered ${status}: ${reasonIn(await answer.text()) || 'no reason'}`
  const code = headers.get('x-tierwise-error')
  const known =
    KINDS.find((kind) => kind.code === code) ?? KINDS.find((kind) => kind.status === status)
  const options = { retryAfterMs: retryAfterMs(headers) }
  if (known?.status === status) return new known.Kind(message, options)
  return new TierwiseError(message, code ?? 'remote-error', status, options)
}

/** A request that got no whole answer. */
export function unanswered(url: string, cause: unknown): TierwiseError {
  return new UnavailableError(`${url} cannot be reached: ${messageOf(cause)}`, { cause })
}

/** The exact header of Tierwise, else the seconds of HTTP; a date is not understood. */
function retryAfterMs(headers: Headers): number | undefined {
  const told = headers.get('retry-after-ms') ?? headers.get('retry-after')
  const ms = Number(told) * (headers.has('retry-after-ms') ? 1 : 1000)
  return told !== null && ms >= 0 && Number.isFinite(ms) ? ms : undefined
}

function reasonIn(text: string): string {
  try {
    const json: unknown = JSON.parse(text)
    if (isRecord(json) && 'error' in json) return String(json['error'])
  } catch {
    // A proxy's page, perhaps: its first words say what it is.
  }
  return text.slice(0, 200)
}
