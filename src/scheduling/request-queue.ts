/** Waiting requests, and the one order in which they are served. */

/** What tells a request's place. */
export interface QueuedRequest {
  /** On the clock of the scheduler's `nowMs`; infinite for a request without a deadline. */
  readonly deadlineMs: number
  /** Lower gets more; see `ServiceOrder`. With one for all, the order is earliest deadline first. */
  readonly priority: number
  /** Index of the smallest variant that this request accepts; without a deadline, of the one that it asked for. */
  readonly lowestVariant: number
  /** Index of the largest variant that may serve it. Default: any. */
  readonly highestVariant?: number
  /** Only requests of the same kind share a batch. Default: all are of one. */
  readonly kind?: string | symbol
}

/**
 * How requests of different priorities, and those with a deadline and without, share the workers.
 *
 * · shares: the earliest deadline is next, soft ones alike, as long as all that wait can be in time. When they cannot, each
 *   kind has a weight, and the kind that has had least time for its weight since then is next. So what waits comes nearer to its
 *   turn, and no kind starves; a kind that asks for less than its share is served at once.
 * · strict: those with a deadline before those without, then the lower priority. What ranks lower may wait for ever.
 *
 * Within a kind the earliest deadline is always next, equals in order of arrival.
 */
export const SERVICE_ORDERS = ['shares', 'strict'] as const
/** One of them. */
export type ServiceOrder = (typeof SERVICE_ORDERS)[number]

/** Whether it has a deadline at all. */
export function hasDeadline({ deadlineMs }: QueuedRequest): boolean {
  return deadlineMs < Infinity
}

/** Requests in the order of service. Both arrays have the same length. */
export interface InOrder<Request> {
  readonly requests: readonly Request[]
  /** Deadline of each, or the soft one. */
  readonly dueMs: readonly number[]
}

/** Priorities that halve the weight: 9 has a quarter of that of 1. */
const HALVING_PRIORITIES = 4
/** Lower ones get no less. */
const LOWEST_PRIORITY = 40

/** Those of one priority with a deadline, or without, by due time. */
class Lane<Request> implements InOrder<Request> {
  readonly requests: Request[] = []
  readonly dueMs: number[] = []
  /** Time for which it was served since not all could be in time ÷ weight; an empty lane saves nothing up. */
  servedMs = 0
  readonly rank: number
  readonly weight: number

  constructor(isSoft: boolean, priority: number) {
    this.rank = priority + (isSoft ? 1e9 : 0)
    this.weight = 2 ** (-Math.min(priority, LOWEST_PRIORITY) / HALVING_PRIORITIES)
  }

  /** How much more it holds than its weight allows, beside others. */
  get excess(): number {
    return this.requests.length / this.weight
  }
}

/** A lane that is gone through, in thought. */
class Head<Request> {
  readonly rank: number
  servedMs: number
  private readonly lane: Lane<Request>
  private at = 0

  constructor(lane: Lane<Request>) {
    this.lane = lane
    this.rank = lane.rank
    this.servedMs = lane.servedMs
  }

  get request(): Request {
    return this.lane.requests[this.at]
  }

  get dueMs(): number {
    return this.lane.dueMs[this.at]
  }

  get isAtEnd(): boolean {
    return this.at === this.lane.requests.length
  }

  goOn(servedMs: number): void {
    this.at += 1
    this.servedMs += servedMs / this.lane.weight
  }
}

/** Holds all that wait. */
export class RequestQueue<Request extends QueuedRequest> {
  private readonly order: ServiceOrder
  private readonly workers: number
  private readonly lengthMs: (request: Request) => number
  private readonly shareMs: (request: Request) => number
  private readonly lanes = new Map<number, Lane<Request>>()
  private count = 0
  /** `servedMs` of the lane that was last served. */
  private servedMs = 0
  private ordered: InOrder<Request> | undefined
  private orderedAtMs = 0

  /**
   * @param lengthMs how long a request is served at least
   * @param shareMs the time of a worker that it takes at least. Default: the same, as without batches
   */
  constructor(
    order: ServiceOrder,
    workers: number,
    lengthMs: (request: Request) => number,
    shareMs = lengthMs,
  ) {
    this.order = order
    this.workers = workers
    this.lengthMs = lengthMs
    this.shareMs = shareMs
  }

  get length(): number {
    return this.count
  }

  /** @param dueMs its deadline, or the soft one of a request that has none */
  insert(request: Request, dueMs: number): void {
    const lane = this.laneOf(request)
    if (lane.requests.length === 0) lane.servedMs = Math.max(lane.servedMs, this.servedMs)
    let position = lane.requests.length
    while (position > 0 && dueMs < lane.dueMs[position - 1]) position--
    lane.requests.splice(position, 0, request)
    lane.dueMs.splice(position, 0, dueMs)
    this.changed(1)
  }

  /** @returns whether it was waiting */
  remove(request: Request): boolean {
    const lane = this.laneOf(request)
    const position = lane.requests.indexOf(request)
    if (position < 0) return false
    lane.requests.splice(position, 1)
    lane.dueMs.splice(position, 1)
    this.changed(-1)
    return true
  }

  /** Takes out one that is served now for so long. */
  serve(request: Request, servedMs: number): void {
    this.remove(request)
    const lane = this.laneOf(request)
    this.servedMs = Math.max(this.servedMs, lane.servedMs)
    lane.servedMs += servedMs / lane.weight
  }

  /** The one to give up when there is no room: the last of those that hold most for their weight. */
  mostDispensable(): Request {
    const filled = [...this.lanes.values()].filter(({ requests }) => requests.length > 0)
    const lane = filled.reduce((most, other) => {
      const isWorse = this.order === 'strict' ? other.rank > most.rank : other.excess > most.excess
      return isWorse ? other : most
    })
    return lane.requests[lane.requests.length - 1]
  }

  /** All that wait, as they will be served should no other come. Valid until the queue changes. */
  inOrder(nowMs: number): InOrder<Request> {
    if (this.ordered === undefined || this.orderedAtMs !== nowMs) {
      this.ordered = this.orderAt(nowMs)
      this.orderedAtMs = nowMs
    }
    return this.ordered
  }

  /** Those that can no longer make their deadline. */
  expired(nowMs: number): Request[] {
    const expired: Request[] = []
    for (const { requests } of this.lanes.values()) {
      for (const request of requests) {
        if (nowMs + this.lengthMs(request) > request.deadlineMs) expired.push(request)
      }
    }
    return expired
  }

  private laneOf(request: Request): Lane<Request> {
    const isSoft = !hasDeadline(request)
    const key = isSoft ? -1 - request.priority : request.priority
    let lane = this.lanes.get(key)
    if (lane === undefined) {
      lane = new Lane(isSoft, request.priority)
      this.lanes.set(key, lane)
    }
    return lane
  }

  private changed(by: number): void {
    this.count += by
    this.ordered = undefined
  }

  private orderAt(nowMs: number): InOrder<Request> {
    const lanes = [...this.lanes.values()].filter(({ requests }) => requests.length > 0)
    const [only] = lanes
    if (only !== undefined && lanes.length === 1) return only
    if (this.order === 'strict') return this.merged(lanes, (one, other) => one.rank < other.rank)
    const byDue = this.merged(lanes, (one, other) => one.dueMs < other.dueMs)
    if (this.isInTime(byDue, nowMs)) {
      for (const lane of this.lanes.values()) lane.servedMs = 0
      this.servedMs = 0
      return byDue
    }
    return this.merged(lanes, (one, other) => {
      return (
        one.servedMs < other.servedMs ||
        (one.servedMs === other.servedMs && one.dueMs < other.dueMs)
      )
    })
  }

  private isInTime({ requests, dueMs }: InOrder<Request>, nowMs: number): boolean {
    let startMs = nowMs
    for (const [place, request] of requests.entries()) {
      const lengthMs = this.lengthMs(request)
      if (startMs + lengthMs > dueMs[place]) return false
      startMs += this.shareMs(request) / this.workers
    }
    return true
  }

  private merged(
    lanes: readonly Lane<Request>[],
    isBefore: (one: Head<Request>, other: Head<Request>) => boolean,
  ): InOrder<Request> {
    const heads = lanes.map((lane) => new Head(lane))
    const requests: Request[] = []
    const dueMs: number[] = []
    while (requests.length < this.count) {
      const next = heads.reduce((first, other) => (isBefore(other, first) ? other : first))
      const { request } = next
      requests.push(request)
      dueMs.push(next.dueMs)
      next.goOn(this.shareMs(request))
      if (next.isAtEnd) heads.splice(heads.indexOf(next), 1)
    }
    return { requests, dueMs }
  }
}
