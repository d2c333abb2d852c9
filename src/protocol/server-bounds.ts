/** What one server takes from all of its clients together. */
import { OverloadedError, UnavailableError } from '../errors.ts'
import { JSON_LIMIT_BYTES } from './json-bounds.ts'

/** The bounds beside the size of one body. */
export interface ServerBounds {
  /** Of the JSON part of one request. */
  readonly jsonLimitBytes: number
  /** From a request's headers to the last byte of its body; and from an answer to its last byte being taken. */
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
  private readonly held = new Map<object, { bytes: number; readonly sinceMs: number }>()
  private total = 0
  /** For how long the latest request was held. */
  private heldMs: number | undefined

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get bytes(): number {
    return this.total
  }

  /** A request begins. */
  open(request: object): void {
    this.held.set(request, { bytes: 0, sinceMs: performance.now() })
  }

  /** @throws OverloadedError when all requests together would hold more than the limit; UnavailableError after `release` */
  take(request: object, bytes: number): void {
    const held = this.held.get(request)
    if (held === undefined) throw new UnavailableError('the request has ended')
    if (this.total + bytes > this.limitBytes) {
      const message = `all requests together hold ${this.total} bytes of ${this.limitBytes}: try again`
      throw new OverloadedError(message, { retryAfterMs: this.roomInMs(bytes) })
    }
    held.bytes += bytes
    this.total += bytes
  }

  /** The request is answered, or its client has gone. */
  release(request: object): void {
    const held = this.held.get(request)
    if (held === undefined) return
    if (held.bytes > 0) this.heldMs = performance.now() - held.sinceMs
    this.total -= held.bytes
    this.held.delete(request)
  }

  /** All that is held leaves within the time that one request is held (Little's law), evenly. */
  private roomInMs(bytes: number): number | undefined {
    if (this.heldMs === undefined) return undefined
    const beyond = this.total + bytes - this.limitBytes
    return this.heldMs * Math.min(1, beyond / this.total)
  }
}
