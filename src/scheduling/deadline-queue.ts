/** Waiting requests in the order in which they are served, see `precedes`. Bounded. */

export interface QueuedRequest {
  /** On the clock of the scheduler's `nowMs`; infinite for a request without a deadline. */
  readonly deadlineMs: number
  /** Lower is served first; with one priority for all, the order is earliest deadline first. */
  readonly priority: number
  /** Index of the smallest variant that this request accepts; without a deadline, of the one that it asked for. */
  readonly lowestVariant: number
}

export function hasDeadline({ deadlineMs }: QueuedRequest): boolean {
  return deadlineMs < Number.POSITIVE_INFINITY
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

export class DeadlineQueue<Request extends QueuedRequest> {
  private readonly limit: number
  /** In order from `head` on; what stands before `head` has left. */
  private readonly items: (Request | undefined)[] = []
  private head = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get length(): number {
    return this.items.length - this.head
  }

  get isFull(): boolean {
    return this.length >= this.limit
  }

  /** @param position 0 is served next; must be below `length` */
  at(position: number): Request {
    return this.items[this.head + position] as Request
  }

  /** How many of those waiting would be served before this request. */
  countBefore(request: QueuedRequest): number {
    let position = this.length
    while (position > 0 && precedes(request, this.at(position - 1))) position--
    return position
  }

  insert(request: Request): void {
    // Nearly always at the end, so the search starts there.
    let index = this.items.length
    this.items.push(request)
    while (index > this.head && precedes(request, this.items[index - 1] as Request)) {
      this.items[index] = this.items[index - 1]
      index--
    }
    this.items[index] = request
  }

  /** Takes out the next `count` requests, in order. @param count at most `length` */
  take(count: number): Request[] {
    const taken = this.items.slice(this.head, this.head + count) as Request[]
    this.items.fill(undefined, this.head, this.head + count)
    this.head += count
    this.compact()
    return taken
  }

  /** Takes out the one served last. */
  takeLast(): Request | undefined {
    return this.length > 0 ? this.items.pop() : undefined
  }

  /** Takes out the request at a position. */
  removeAt(position: number): Request {
    const request = this.at(position)
    if (position === 0) this.take(1)
    else this.items.splice(this.head + position, 1)
    return request
  }

  /** @returns whether it was waiting */
  remove(request: Request): boolean {
    const index = this.items.indexOf(request, this.head)
    if (index < 0) return false
    this.removeAt(index - this.head)
    return true
  }

  private compact(): void {
    if (this.head < this.limit && this.length > 0) return
    this.items.splice(0, this.head)
    this.head = 0
  }
}
