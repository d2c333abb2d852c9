/**
 * Every error a caller may meet. Each carries a stable code (for programs) and the HTTP status it is answered with.
 * Messages name the offending value and the remedy.
 */
export class TierwiseError extends Error {
  /** Stable, machine-readable: `not-found`, `overloaded`, … */
  readonly code: string
  /** HTTP status of the answer that reports this error. */
  readonly status: number
  /** Predicted time until the same request would be taken; undefined where nobody can say. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, code: string, status: number, options: TierwiseErrorOptions = {}) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.status = status
    this.retryAfterMs = options.retryAfterMs
  }
}

/** What an error may say beside its message. */
export interface TierwiseErrorOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined
}

/** A class of errors of one code and status. */
function coded(code: string, status: number) {
  return class extends TierwiseError {
    constructor(message: string, options?: TierwiseErrorOptions) {
      super(message, code, status, options)
    }
  }
}

/** The request itself is wrong: shape, type, JSON, parameters. */
export class InvalidInputError extends coded('invalid-input', 400) {}
/** A configuration, catalogue or command line that cannot be used. The message names file, line and key. */
export class ConfigError extends coded('invalid-config', 400) {}
/** Something that this node's present state does not allow, whoever asks. */
export class PreconditionError extends coded('precondition', 400) {}
/** Somebody who has not proved who they are, or whom the fleet does not know (any more). */
export class UnauthorizedError extends coded('unauthorized', 401) {}
/** Somebody known, who may not do this. */
export class ForbiddenError extends coded('forbidden', 403) {}
/** A model, version or node that does not exist. */
export class NotFoundError extends coded('not-found', 404) {}
/** A body over the configured limit. */
export class TooLargeError extends coded('too-large', 413) {}
/** A body in a form that is not understood. The message names the forms that are. */
export class UnsupportedMediaError extends coded('unsupported-media', 415) {}
/** Another server gave an answer that cannot be used, or refused what it says it takes. */
export class BadGatewayError extends coded('bad-gateway', 502) {}
/** A bounded queue is full: try again later. */
export class OverloadedError extends coded('overloaded', 503) {}
/** A request that cannot be answered by its deadline: dropped, so that those that can be are. */
export class DeadlineError extends coded('deadline', 503) {}
/** A node, model or broker that cannot be reached or is not ready. */
export class UnavailableError extends coded('unavailable', 503) {}
/** Another node did not answer in time. */
export class TimeoutError extends coded('timeout', 504) {}

/** A text without the user and password of the URL in it, as messages and logs may tell it. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/.*@/, '//***@')
}

/** A text of others as a terminal may show it: none of its characters moves the cursor, or colours what comes after. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '\ufffd')
}

/** The message of anything thrown, for a log line or a wrapped error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
