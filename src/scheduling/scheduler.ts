import { ConfigError, InvalidInputError } from '../errors.ts'
import type { Action } from './action.ts'
import { ArrivalRates } from './arrival-rates.ts'
import { DeadlineQueue, hasDeadline, type QueuedRequest } from './deadline-queue.ts'
import type { Ladder } from './ladder.ts'
import {
  emptyObservation,
  isAllowed,
  type Observation,
  RATE_WINDOWS,
  waitUntilMs,
} from './observation.ts'
import { ServiceTimes, type ServiceTimesOptions } from './service-times.ts'
import { type DropReason, Tally } from './tally.ts'

/** The node, and how its requests are held. */
export interface SchedulerOptions<Request> extends ServiceTimesOptions {
  readonly ladder: Ladder
  readonly workers: number
  /** Requests that may wait. */
  readonly queueLimit: number
  /**
   * Refuse a request on arrival when it can only make its deadline if one ahead of it is dropped, so that it is told at
   * once. Default: false, as it costs policies that let heads expire some of those behind. What could not even be
   * served next is refused in any case.
   */
  readonly earlyRefusal?: boolean
  /** Called once for every request that will not be served. */
  readonly onDrop?: (request: Request, reason: DropReason) => void
}

/** One batch for one worker. */
export interface Job<Request> {
  readonly worker: number
  readonly variant: number
  /** Index of the batch size. */
  readonly batch: number
  /** In order of service. Shape [batch size]. */
  readonly requests: readonly Request[]
  readonly startedAtMs: number
}

/**
 * The requests and workers of one serving node. Event-driven and without a clock: a live node and the simulator tell it
 * what happens and when, and ask after each event what to start:
 *
 *   scheduler.arrive(request, nowMs)            // or finish(job, nowMs), or nothing at scheduler.wakeAtMs
 *   for (;;) {
 *     const observation = scheduler.observe(nowMs)
 *     const job = observation
 *       ? scheduler.apply(policy.decide(observation), nowMs)
 *       : scheduler.startAsAsked(nowMs)
 *     if (job) start(job)                        // and finish(job, nowMs) when it is done
 *     else if (observation === undefined) break
 *   }
 *
 * A policy decides on requests with a deadline alone, and sees no others: those without come last and get what they asked for.
 */
export class Scheduler<Request extends QueuedRequest> {
  readonly times: ServiceTimes
  readonly tally: Tally
  private readonly queue: DeadlineQueue<Request>
  private readonly rates: ArrivalRates
  private readonly onDrop: (request: Request, reason: DropReason) => void
  private readonly queueLimit: number
  private readonly earlyRefusal: boolean
  /** When each worker is planned to be free; −∞ when it is. Shape [workers]. */
  private readonly busyUntilMs: Float64Array
  private freeWorkers: number
  private waitingUntilMs = -Infinity
  private readonly observation: ReturnType<typeof emptyObservation>

  constructor(options: SchedulerOptions<Request>) {
    const { ladder, workers, queueLimit, earlyRefusal = false } = options
    for (const [name, count] of Object.entries({ workers, queueLimit })) {
      if (Number.isInteger(count) && count >= 1) continue
      throw new ConfigError(`${name} ${count} is not a whole number of 1 or more`)
    }
    this.times = new ServiceTimes(ladder, options)
    this.tally = new Tally(ladder)
    this.queue = new DeadlineQueue(queueLimit)
    this.queueLimit = queueLimit
    this.earlyRefusal = earlyRefusal
    this.onDrop = options.onDrop ?? (() => undefined)
    const largestMs = this.times.profiledMs(this.times.variants - 1, 0)
    this.rates = new ArrivalRates(RATE_WINDOWS.map((services) => services * largestMs))
    this.busyUntilMs = new Float64Array(workers).fill(-Infinity)
    this.freeWorkers = workers
    this.observation = emptyObservation(this.times, workers, queueLimit)
  }

  get queued(): number {
    return this.queue.length
  }

  /** When to observe again although nothing has happened: a policy waits. Infinite otherwise. */
  get wakeAtMs(): number {
    return this.waitingUntilMs === -Infinity ? Infinity : this.waitingUntilMs
  }

  /** A request has come: it waits, or is dropped at once. */
  arrive(request: Request, nowMs: number): void {
    if (hasDeadline(request)) this.noteArrival(nowMs)
    const ahead = this.queue.countBefore(request)
    const hurdle = this.earlyRefusal ? ahead : 0
    if (this.earliestFinishMs(request, hurdle, nowMs) > request.deadlineMs) {
      this.drop(request, 'refused')
      return
    }
    if (this.queue.isFull) {
      if (ahead === this.queueLimit) {
        this.drop(request, 'queue-full')
        return
      }
      this.drop(this.queue.takeLast() as Request, 'queue-full')
    }
    this.queue.insert(request)
  }

  /** A job is done: its worker is free. */
  finish({ worker, variant, batch, requests, startedAtMs }: Job<Request>, nowMs: number): void {
    this.times.observe(variant, batch, nowMs - startedAtMs)
    for (const request of requests) {
      if (hasDeadline(request)) this.tally.served(variant, nowMs <= request.deadlineMs)
    }
    this.free(worker)
  }

  /** A job has failed: its worker is free, its requests count as failed; `onDrop` is not called. */
  abandon({ worker, requests }: Job<Request>): void {
    this.countFailed(requests)
    this.free(worker)
  }

  /** No worker is left. @returns all that wait, taken out of the queue; they count as failed, `onDrop` is not called */
  abandonQueue(): Request[] {
    const requests = this.queue.take(this.queue.length)
    this.countFailed(requests)
    return requests
  }

  /** A request is withdrawn by its sender and counts nowhere. @returns whether it was waiting */
  withdraw(request: Request): boolean {
    return this.queue.remove(request)
  }

  /** Drops a waiting request for good. */
  expire(request: Request): void {
    if (this.queue.remove(request)) this.drop(request, 'expired')
  }

  /**
   * What a policy has to decide on now: undefined when no worker is free, no request with a deadline waits, or the policy
   * chose to wait. Drops the waiting requests that can no longer make their deadline.
   */
  observe(nowMs: number): Observation | undefined {
    if (this.freeWorkers === 0 || nowMs < this.waitingUntilMs) return undefined
    this.waitingUntilMs = -Infinity
    this.fillQueue(nowMs)
    const { observation } = this
    if (observation.queued === 0) return undefined
    observation.nowMs = nowMs
    this.fillWorkers(nowMs)
    observation.sinceArrivalMs = this.rates.sinceArrivalMs(nowMs)
    this.rates.read(nowMs, observation.arrivalRatesPerS)
    return observation
  }

  /**
   * Carries out a decision on the last observation.
   * @returns the batch to start, if the action is to serve
   * @throws InvalidInputError when the action is not allowed
   */
  apply(action: Action, nowMs: number): Job<Request> | undefined {
    if (!isAllowed(this.observation, action)) {
      throw new InvalidInputError(
        `action ${JSON.stringify(action)} is not allowed with ${this.observation.queued} requests waiting`,
      )
    }
    if (action.kind === 'drop') this.drop(this.queue.removeAt(0), 'given-up')
    else if (action.kind === 'wait') this.waitingUntilMs = waitUntilMs(this.observation)
    else {
      this.tally.started(action.variant)
      return this.start(action.variant, action.batch, nowMs)
    }
    return undefined
  }

  /** Starts the next request without a deadline, if a worker is free and none with a deadline waits. */
  startAsAsked(nowMs: number): Job<Request> | undefined {
    if (this.freeWorkers === 0 || this.queue.length === 0) return undefined
    const head = this.queue.at(0)
    return hasDeadline(head) ? undefined : this.start(head.lowestVariant, 0, nowMs)
  }

  private start(variant: number, batch: number, nowMs: number): Job<Request> {
    const worker = this.busyUntilMs.indexOf(-Infinity)
    this.busyUntilMs[worker] = nowMs + this.times.ms(variant, batch)
    this.freeWorkers -= 1
    const requests = this.queue.take(this.times.batchSize(batch))
    return { worker, variant, batch, requests, startedAtMs: nowMs }
  }

  private countFailed(requests: readonly Request[]): void {
    for (const request of requests) if (hasDeadline(request)) this.tally.drop('failed')
  }

  private free(worker: number): void {
    this.busyUntilMs[worker] = -Infinity
    this.freeWorkers += 1
    this.waitingUntilMs = -Infinity
  }

  private drop(request: Request, reason: DropReason): void {
    if (hasDeadline(request)) this.tally.drop(reason)
    this.onDrop(request, reason)
  }

  /** For policies: they are asked again, should they have chosen to wait. */
  private noteArrival(nowMs: number): void {
    this.rates.arrive(nowMs)
    this.observation.arrivals += 1
    this.waitingUntilMs = -Infinity
  }

  /** No schedule lets the request finish before this, should all ahead of it be served in their usual time. */
  private earliestFinishMs(request: QueuedRequest, ahead: number, nowMs: number): number {
    const { times, busyUntilMs } = this
    const firstFreeMs = Math.max(nowMs, Math.min(...busyUntilMs))
    let perRequestMs = Infinity
    for (let batch = 0; batch < times.batches; batch++) {
      const batchMs = times.usualMs(0, batch)
      perRequestMs = Math.min(perRequestMs, batchMs / times.batchSize(batch))
    }
    const turns = Math.floor(ahead / busyUntilMs.length)
    return firstFreeMs + turns * perRequestMs + times.ms(request.lowestVariant, 0)
  }

  private fillQueue(nowMs: number): void {
    const { queue, observation, times } = this
    let position = 0
    while (position < queue.length) {
      const request = queue.at(position)
      if (!hasDeadline(request)) break
      const leftMs = request.deadlineMs - nowMs
      const neededMs = times.ms(request.lowestVariant, 0)
      if (neededMs > leftMs) {
        this.drop(queue.removeAt(position), 'expired')
        continue
      }
      observation.slackMs[position] = Math.max(neededMs, leftMs - times.reserveMs)
      observation.lowestVariant[position] = request.lowestVariant
      position += 1
    }
    observation.queued = position
  }

  /** Insertion sort: there are few workers. */
  private fillWorkers(nowMs: number): void {
    const { workerResidualMs } = this.observation
    for (let worker = 0; worker < workerResidualMs.length; worker++) {
      const residualMs = Math.max(0, this.busyUntilMs[worker] - nowMs)
      let place = worker
      while (place > 0 && workerResidualMs[place - 1] > residualMs) {
        workerResidualMs[place] = workerResidualMs[place - 1]
        place--
      }
      workerResidualMs[place] = residualMs
    }
  }
}
