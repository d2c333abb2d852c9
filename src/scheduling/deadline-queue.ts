/** Waiting requests in the order in which they are served, see `precedes`. Bounded. */

export interface QueuedRequest {
  /** On the clock of the scheduler's `nowMs`; infinite for a request without a deadline. */
  readonly deadlineMs: number
  /** Lower is served first; with one priority for all, the order is earliest deadline first. */
  readonly priority: number
  /** Index of the smallest variant that this request accepts; without a deadline, of the one that it asked for. */
  readonly lowestVariant: number
}

/** Whether it has a deadline at all. */
export function hasDeadline({ deadlineMs }: QueuedRequest): boolean {
  return deadlineMs < Infinity
}

/**
 * The order of service: requests with a deadline before those without, so that none misses its own because of them; then by
 * priority; then the earliest deadline; equals in order of arrival.
 */
function precedes(request: QueuedRequest, other: QueuedRequest): boolean {
  if (hasDeadline(request) !== hasDeadline(other)) return hasDeadline(request)
  if (request.priority !== other.priority) return request.priority < other.priority
  return request.deadlineMs < other.deadlineMs
}

/** A sorted list: nearly all that come go to the end of it. */
export class DeadlineQueue<Request extends QueuedRequest> {
  private readonly limit: number
  private readonly items: Request[] = []

  constructor(limit: number) {
    this.limit = limit
  }

  get length(): number {
    return this.items.length
  }

  get isFull(): boolean {
    return this.length >= this.limit
  }

  /** @param position 0 is served next; must be below `length` */
  at(position: number): Request {
    return this.items[position]
  }

  /** How many of those waiting would be served before this request. */
  countBefore(request: QueuedRequest): number {
    let position = this.length
    while (position > 0 && precedes(request, this.items[position - 1])) position--
    return position
  }

  insert(request: Request): void {
    this.items.splice(this.countBefore(request), 0, request)
  }

  /** Takes out the next `count` requests, in order. @param count at most `length` */
  take(count: number): Request[] {
    return this.items.splice(0, count)
  }

  /** Takes out the one served last. */
  takeLast(): Request | undefined {
    return this.items.pop()
  }

  /** Takes out the request at a position. */
  removeAt(position: number): Request {
    return this.items.splice(position, 1)[0]
  }

  /** @returns whether it was waiting */
  remove(request: Request): boolean {
    const position = this.items.indexOf(request)
    if (position >= 0) this.removeAt(position)
    return position >= 0
  }
}
