/**
 * Every error a caller may meet. Each carries a stable code (for programs) and the HTTP status it is answered with.
 * Messages name the offending value and the remedy.
 */
export class TierwiseError extends Error {
  /** Stable, machine-readable: `not-found`, `overloaded`, … */
  readonly code: string
  /** HTTP status of the answer that reports this error. */
  readonly status: number

  constructor(message: string, code: string, status: number, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.status = status
  }
}

/** The request itself is wrong: shape, type, JSON, parameters. */
export class InvalidInputError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'invalid-input', 400, options)
  }
}

/** A configuration, catalogue or command line that cannot be used. The message names file, line and key. */
export class ConfigError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'invalid-config', 400, options)
  }
}

/** A model, version or node that does not exist. */
export class NotFoundError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'not-found', 404, options)
  }
}

/** A body over the configured limit. */
export class TooLargeError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'too-large', 413, options)
  }
}

/** A bounded queue is full: try again later. */
export class OverloadedError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'overloaded', 503, options)
  }
}

/** A request that cannot be answered by its deadline: dropped, so that those that can be are. */
export class DeadlineError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'deadline', 503, options)
  }
}

/** A node, model or broker that cannot be reached or is not ready. */
export class UnavailableError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'unavailable', 503, options)
  }
}

/** Another node did not answer in time. */
export class TimeoutError extends TierwiseError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'timeout', 504, options)
  }
}

/** A text without the user and password of the URL in it, as messages and logs may tell it. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/.*@/, '//***@')
}

/** The message of anything thrown, for a log line or a wrapped error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
