import { ConfigError, InvalidInputError } from '../errors.ts'
import type { Action } from './action.ts'
import { ArrivalHistory } from './arrival-history.ts'
import { type Batch, batchAsAsked, batchOf } from './batch-mates.ts'
import { EarliestStarts } from './earliest-starts.ts'
import type { Ladder } from './ladder.ts'
import { LateServices } from './late-services.ts'
import { emptyObservation, isAllowed, type Observation, waitUntilMs } from './observation.ts'
import { PatientTally } from './patient-tally.ts'
import {
  hasDeadline,
  type QueuedRequest,
  RequestQueue,
  type ServiceOrder,
} from './request-queue.ts'
import { ServiceTimes, type ServiceTimesOptions } from './service-times.ts'
import { fillQueue } from './slack.ts'
import { type DropReason, Tally } from './tally.ts'

/** The node, and how its requests are held. */
export interface SchedulerOptions<Request> extends ServiceTimesOptions {
  readonly ladder: Ladder
  readonly workers: number
  /** Requests that may wait. */
  readonly queueLimit: number
  /**
   * Refuse a request, on arrival or as soon as it is so, that can only make its deadline if one ahead of it is dropped, so
   * that it is told at once. Default: false, as it costs policies that let heads expire some of those behind. What could not
   * even be served next is refused in any case.
   */
  readonly earlyRefusal?: boolean
  /** With early refusal: a request without a deadline that is predicted to wait longer is refused on arrival. Default: none is. */
  readonly waitLimitMs?: number
  /** Default: shares. */
  readonly order?: ServiceOrder
  /**
   * By when a request without a deadline should be answered, from its arrival: room is left for that, but it is served
   * however late it is. Default: twenty times what its variant is planned to take.
   */
  readonly softDeadlineMs?: number
  /** Called once for every request that will not be served. */
  readonly onDrop?: (request: Request, reason: DropReason) => void
}

const SOFT_DEADLINE_SERVICES = 20

/** One batch for one worker. */
export interface Job<Request> extends Batch<Request> {
  readonly worker: number
  readonly startedAtMs: number
  readonly plannedEndMs: number
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
 * A policy decides on requests with a deadline alone, and sees no others, but in the time that is left: those without get what
 * they asked for, when it is their turn, and are left room to be in time.
 */
export class Scheduler<Request extends QueuedRequest> {
  readonly times: ServiceTimes
  /** Of requests with a deadline. */
  readonly tally: Tally
  /** Of those without. */
  readonly patient = new PatientTally<Request>()
  private readonly queue: RequestQueue<Request>
  private readonly late = new LateServices<Request>()
  /** Those of the last observation, in order of service. */
  private seen: readonly Request[] = []
  private readonly arrivals: ArrivalHistory
  private readonly onDrop: (request: Request, reason: DropReason) => void
  private readonly queueLimit: number
  private readonly refusesEarly: boolean
  private readonly waitLimitMs: number
  private readonly softDeadlineMs: number | undefined
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
    this.queue = new RequestQueue(
      options.order ?? 'shares',
      workers,
      (request) => this.leastMs(request),
      (request) => this.workerMs(request),
    )
    this.queueLimit = queueLimit
    this.refusesEarly = earlyRefusal
    this.waitLimitMs = options.waitLimitMs ?? Infinity
    this.softDeadlineMs = options.softDeadlineMs
    this.onDrop = options.onDrop ?? (() => undefined)
    const largestMs = this.times.profiledMs(this.times.variants - 1, 0)
    this.arrivals = new ArrivalHistory(largestMs, workers)
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
    const dueMs = this.dueMs(request, nowMs)
    if (hasDeadline(request)) this.noteArrival(request, nowMs)
    else this.patient.arrived(request, nowMs, dueMs)
    const nextMs = new EarliestStarts(this.busyUntilMs, nowMs).nextMs
    if (nextMs + this.leastMs(request) > request.deadlineMs) {
      this.drop(request, 'refused')
      return
    }
    this.queue.insert(request, dueMs)
    this.late.came(request)
    this.giveUpHopeless(nowMs, request)
    if (this.queue.length > this.queueLimit) this.giveUp(this.queue.mostDispensable(), 'queue-full')
  }

  /**
   * Predicted time until a request like this one would be taken: there is a place to wait, and so much is served of what waits
   * now that it would be in time.
   * @param withinMs from its arrival to its deadline; infinite without one
   */
  roomInMs(request: Request, withinMs: number, nowMs: number): number {
    const starts = new EarliestStarts(this.busyUntilMs, nowMs)
    const placeInMs = this.queue.length < this.queueLimit ? 0 : starts.nextMs - nowMs
    const waitMs = this.waitMs(nowMs)
    return Math.max(placeInMs, Math.min(this.tooLateMs(request, waitMs, withinMs, nowMs), waitMs))
  }

  /** Predicted time until all that waits now is served or being served, and a worker is free. */
  waitMs(nowMs: number): number {
    const starts = new EarliestStarts(this.busyUntilMs, nowMs)
    for (const waiting of this.queue.inOrder(nowMs).requests) starts.serve(this.workerMs(waiting))
    return starts.nextMs - nowMs
  }

  /** Whether a request that is about to come would be refused now; then it counts as one that was. */
  refuses(request: Request, nowMs: number): boolean {
    this.queue.insert(request, this.dueMs(request, nowMs))
    const isRefused = this.hopeless(nowMs, request).includes(request)
    this.queue.remove(request)
    if (!isRefused) return false
    this.noteArrival(request, nowMs)
    this.drop(request, 'refused')
    return true
  }

  /** By when it is to be answered, or should be. */
  dueMs(request: QueuedRequest, arrivedAtMs: number): number {
    if (hasDeadline(request)) return request.deadlineMs
    return arrivedAtMs + this.softDeadlineOf(request.lowestVariant)
  }

  /** Of a request without a deadline that asks for this variant, from its arrival. */
  softDeadlineOf(variant: number): number {
    return this.softDeadlineMs ?? SOFT_DEADLINE_SERVICES * this.times.ms(variant, 0)
  }

  /**
   * A job is done: its worker is free.
   * @param answered those of its requests that were; the others count as failed, `onDrop` is not called
   */
  finish(job: Job<Request>, nowMs: number, answered = job.requests): void {
    const { worker, variant, batch, requests, startedAtMs } = job
    if (answered.length > 0) this.times.observe(variant, batch, nowMs - startedAtMs)
    this.late.ended((nowMs - job.plannedEndMs) / this.busyUntilMs.length)
    for (const request of answered) {
      if (hasDeadline(request)) this.tally.served(variant, nowMs <= request.deadlineMs)
      else this.patient.served(request, nowMs)
    }
    this.countFailed(requests.filter((request) => !answered.includes(request)))
    this.free(worker)
  }

  /** No worker is left. @returns all that wait, taken out of the queue; they count as failed, `onDrop` is not called */
  abandonQueue(): Request[] {
    const requests = [...this.queue.inOrder(0).requests]
    for (const request of requests) this.queue.remove(request)
    this.countFailed(requests)
    return requests
  }

  /** A request is withdrawn by its sender and counts nowhere. @returns whether it was waiting */
  withdraw(request: Request): boolean {
    this.patient.gone(request)
    return this.queue.remove(request)
  }

  /** Drops a waiting request for good. */
  expire(request: Request): void {
    this.giveUp(request, 'expired')
  }

  /**
   * What a policy has to decide on now: undefined when no worker is free, the next request has no deadline, none waits, or the
   * policy chose to wait. Drops the waiting requests that can no longer make their deadline.
   */
  observe(nowMs: number): Observation | undefined {
    if (this.freeWorkers === 0 || nowMs < this.waitingUntilMs) return undefined
    this.waitingUntilMs = -Infinity
    for (const request of this.queue.expired(nowMs)) this.giveUp(request, 'expired')
    this.giveUpHopeless(nowMs)
    const { observation } = this
    const inOrder = this.queue.inOrder(nowMs)
    const [first] = inOrder.requests
    if (first === undefined || !hasDeadline(first)) return undefined
    this.seen = fillQueue(observation, inOrder, nowMs)
    observation.nowMs = nowMs
    this.fillWorkers(nowMs)
    this.arrivals.fill(observation, nowMs)
    return observation
  }

  /**
   * Carries out a decision on the last observation, as far as its requests may have the variant; see `batchOf`.
   * @returns the batch to start, if the action is to serve
   * @throws InvalidInputError when the action is not allowed
   */
  apply(action: Action, nowMs: number): Job<Request> | undefined {
    if (!isAllowed(this.observation, action)) {
      throw new InvalidInputError(
        `action ${JSON.stringify(action)} is not allowed with ${this.observation.queued} requests waiting`,
      )
    }
    if (action.kind === 'drop') this.giveUp(this.seen[0], 'given-up')
    else if (action.kind === 'wait') this.waitingUntilMs = waitUntilMs(this.observation)
    else {
      const candidates = this.seen.slice(0, this.times.batchSize(action.batch))
      const served = batchOf(candidates, action.variant, this.times)
      this.tally.started(served.variant)
      return this.start(served, nowMs)
    }
    return undefined
  }

  /** Starts the next request, if it has no deadline and a worker is free, with others like it; see `batchAsAsked`. */
  startAsAsked(nowMs: number): Job<Request> | undefined {
    if (this.freeWorkers === 0 || nowMs < this.waitingUntilMs) return undefined
    const inOrder = this.queue.inOrder(nowMs)
    const [first] = inOrder.requests
    if (first === undefined || hasDeadline(first)) return undefined
    return this.start(batchAsAsked(inOrder, nowMs, this.times), nowMs)
  }

  private start(served: Batch<Request>, nowMs: number): Job<Request> {
    const worker = this.busyUntilMs.indexOf(-Infinity)
    const { variant, batch, requests } = served
    const plannedMs = this.times.ms(variant, batch)
    const plannedEndMs = nowMs + plannedMs
    this.busyUntilMs[worker] = plannedEndMs
    this.freeWorkers -= 1
    for (const request of requests) {
      this.queue.serve(request, plannedMs / requests.length)
      this.late.leaves(request)
    }
    return { ...served, worker, startedAtMs: nowMs, plannedEndMs }
  }

  private countFailed(requests: readonly Request[]): void {
    for (const request of requests) {
      if (hasDeadline(request)) this.tally.drop('failed')
      else this.patient.gone(request)
    }
  }

  private free(worker: number): void {
    this.busyUntilMs[worker] = -Infinity
    this.freeWorkers += 1
    this.waitingUntilMs = -Infinity
  }

  /** Drops it if it waits. */
  private giveUp(request: Request, reason: DropReason): void {
    if (!this.queue.remove(request)) return
    if (reason === 'expired') this.late.leaves(request)
    this.drop(request, reason)
  }

  private drop(request: Request, reason: DropReason): void {
    if (hasDeadline(request)) this.tally.drop(reason)
    else this.patient.gone(request)
    this.onDrop(request, reason)
  }

  /** For policies: they are asked again, should they have chosen to wait. */
  private noteArrival(request: Request, nowMs: number): void {
    this.arrivals.arrive(nowMs, this.workerMs(request), request.deadlineMs - nowMs)
    this.observation.arrivals += 1
    this.waitingUntilMs = -Infinity
  }

  private giveUpHopeless(nowMs: number, arrived?: Request): void {
    if (!this.refusesEarly) return
    for (const request of this.hopeless(nowMs, arrived)) {
      this.giveUp(request, request === arrived ? 'refused' : 'expired')
    }
  }

  /**
   * Those that cannot make it as they stand, should all ahead of them be served.
   * @param arrived just now: taken only if it is in time as planned; those that were taken stay while they can be in time at all
   */
  private hopeless(nowMs: number, arrived?: Request): Request[] {
    const planned = new EarliestStarts(this.busyUntilMs, nowMs)
    const usual = new EarliestStarts(this.busyUntilMs, nowMs)
    return this.queue.inOrder(nowMs).requests.filter((request) => {
      const isHopeless =
        request === arrived
          ? this.tooLateMs(request, planned.nextMs - nowMs, request.deadlineMs - nowMs, nowMs) > 0
          : usual.nextMs + this.leastMs(request) > request.deadlineMs
      if (isHopeless) return true
      const plannedMs = this.workerMs(request)
      planned.serve(plannedMs)
      usual.serve(this.times.usually(plannedMs))
      return false
    })
  }

  /** By how much it would miss what it is taken for: its deadline, with the reserves for hold-ups if it waits at all, or the limit of waiting. */
  private tooLateMs(request: Request, waitMs: number, withinMs: number, nowMs: number): number {
    if (!hasDeadline(request)) return waitMs - this.waitLimitMs
    const reserveMs = waitMs > 0 ? this.reserveMs(request, withinMs, nowMs) : 0
    return waitMs + reserveMs + this.leastMs(request) - withinMs
  }

  /**
   * In an overload a shorter queue costs nothing, as workers are never idle: then a request is taken only if it is all but sure to be
   * in time. Otherwise one that is refused is lost for certain, and one that waits only perhaps.
   */
  private reserveMs(request: Request, withinMs: number, nowMs: number): number {
    const ratePerMs = this.arrivals.usualRatePerS(nowMs) / 1000
    const isOverload = ratePerMs * this.workerMs(request) > this.busyUntilMs.length
    return Math.max(this.times.reserveMs, isOverload ? this.late.reserveMs(withinMs) : 0)
  }

  /** Planned, by the smallest variant that it accepts. */
  private leastMs({ lowestVariant }: Request): number {
    return this.times.ms(lowestVariant, 0)
  }

  /** The time of a worker that it is planned to take at least. */
  private workerMs({ lowestVariant }: Request): number {
    return this.times.leastShareMs(lowestVariant)
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
