/** What one server takes from all of its clients together. */
import { OverloadedError, UnavailableError } from '../errors.ts'
import { JSON_LIMIT_BYTES } from './json-bounds.ts'

/** The bounds beside the size of one body. */
export interface ServerBounds {
  /** Of the JSON part of one request. */
  readonly jsonLimitBytes: number
  /** From a request's headers to the last byte of its body. */
  readonly bodyTimeoutMs: number
  /** From a connection, or the end of its last request, to the last byte of the next headers. */
  readonly headersTimeoutMs: number
  /** Bodies of all requests that are not answered yet. */
  readonly inFlightLimitBytes: number
  readonly maxConnections: number
}

/** Where nothing else is set. */
export const SERVER_BOUNDS: ServerBounds = {
  jsonLimitBytes: JSON_LIMIT_BYTES,
  bodyTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  inFlightLimitBytes: 256 * 2 ** 20,
  maxConnections: 4096,
}

/** Counts the bytes that clients have sent and that are still needed. */
export class BytesInFlight {
  private readonly limitBytes: number
  private readonly held = new Map<object, number>()
  private total = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get bytes(): number {
    return this.total
  }

  /** A request begins. */
  open(request: object): void {
    this.held.set(request, 0)
  }

  /** @throws OverloadedError when all requests together would hold more than the limit; UnavailableError after `release` */
  take(request: object, bytes: number): void {
    const held = this.held.get(request)
    if (held === undefined) throw new UnavailableError('the request has ended')
    if (this.total + bytes > this.limitBytes) {
      throw new OverloadedError(
        `all requests together hold ${this.total} bytes of ${this.limitBytes}: try again`,
      )
    }
    this.held.set(request, held + bytes)
    this.total += bytes
  }

  /** The request is answered, or its client has gone. */
  release(request: object): void {
    this.total -= this.held.get(request) ?? 0
    this.held.delete(request)
  }
}
