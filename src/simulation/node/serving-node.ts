/**
 * One serving node in simulated time: requests arrive, workers serve batches, and whoever holds the simulation decides.
 * `run` lets a policy decide; a learner steps through the decisions itself with `next` and `act`.
 */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { Action } from '../../scheduling/action.ts'
import { NO_FORECAST } from '../../scheduling/arrival-forecast.ts'
import { NO_CONGESTION } from '../../scheduling/congestion.ts'
import type { Ladder } from '../../scheduling/ladder.ts'
import type { Observation } from '../../scheduling/observation.ts'
import type { QueuedRequest } from '../../scheduling/request-queue.ts'
import { type Job, Scheduler, type SchedulerOptions } from '../../scheduling/scheduler.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import type { ServiceTimesOptions } from '../../scheduling/service-times.ts'
import type { Tally } from '../../scheduling/tally.ts'
import { SERVICE_NOISE, serviceFactors } from './service-factors.ts'

const QUEUE_LIMIT = 1024

/** A request, and when it comes. */
export interface SimulatedRequest extends QueuedRequest {
  readonly arrivalMs: number
}

/** What became of a request, and when. */
export interface Settled {
  readonly request: SimulatedRequest
  readonly atMs: number
  /** Variant that answered, in time or late; undefined for a dropped request. */
  readonly variant: number | undefined
}

/** What a node may know of the arrival rate: nothing, or the true rate of the moment, per second, in place of the longest average. */
export type RateKnowledge = 'none' | ((nowMs: number) => number)

/** What is simulated. */
export interface ServingNodeOptions
  extends ServiceTimesOptions,
    Pick<SchedulerOptions<never>, 'earlyRefusal' | 'order' | 'softDeadlineMs'> {
  /** The profile that the scheduler knows. */
  readonly ladder: Ladder
  readonly workers: number
  readonly queueLimit?: number
  /** Ascending in arrival time. */
  readonly requests: readonly SimulatedRequest[]
  /** Draws the service times; see `serviceFactors`. */
  readonly random: Random
  /** True mean service time ÷ profiled. Default: 1. */
  readonly slowdown?: number
  readonly noise?: number
  /** Default: averages of what came, as on a live node. */
  readonly rateKnowledge?: RateKnowledge
  /** Called once for every request. */
  readonly onSettled?: (settled: Settled) => void
}

/** The node. Its scheduler is the one of live nodes. */
export class ServingNode {
  readonly scheduler: Scheduler<SimulatedRequest>
  private readonly options: ServingNodeOptions &
    Required<Pick<ServingNodeOptions, 'slowdown' | 'noise' | 'onSettled'>>
  /** Of the service that each request in the node would head. */
  private readonly factors = new Map<SimulatedRequest, number>()
  private readonly drawn: Float64Array
  private readonly jobs: (Job<SimulatedRequest> | undefined)[]
  /** Infinite for a free worker. Shape [workers]. */
  private readonly finishesAtMs: Float64Array
  private arrived = 0
  private nowMs = 0

  constructor(options: ServingNodeOptions) {
    const { onSettled = () => undefined, requests, workers, queueLimit = QUEUE_LIMIT } = options
    this.options = { slowdown: 1, noise: SERVICE_NOISE, ...options, onSettled }
    this.scheduler = new Scheduler({
      ...options,
      queueLimit,
      onDrop: (request) => this.settle({ request, atMs: this.nowMs, variant: undefined }),
    })
    checkOrder(requests)
    this.drawn = serviceFactors(requests.length, this.options)
    this.jobs = new Array(workers).fill(undefined)
    this.finishesAtMs = new Float64Array(workers).fill(Number.POSITIVE_INFINITY)
  }

  get tally(): Tally {
    return this.scheduler.tally
  }

  /** Lets the policy decide until every request is settled. */
  run(policy: SchedulingPolicy): Tally {
    for (let observation = this.next(); observation; observation = this.next()) {
      this.act(policy.decide(observation))
    }
    return this.tally
  }

  /** Goes on to the next decision. @returns undefined when every request is settled */
  next(): Observation | undefined {
    for (;;) {
      const observation = this.scheduler.observe(this.nowMs)
      if (observation !== undefined) return this.withKnowledge(observation)
      const asAsked = this.scheduler.startAsAsked(this.nowMs)
      if (asAsked) this.start(asAsked)
      else if (!this.advance()) return undefined
    }
  }

  /** @throws InvalidInputError when the action is not allowed for the last observation */
  act(action: Action): void {
    const job = this.scheduler.apply(action, this.nowMs)
    if (job) this.start(job)
  }

  private start(job: Job<SimulatedRequest>): void {
    const meanMs = this.scheduler.times.profiledMs(job.variant, job.batch)
    const serviceMs = meanMs * (this.factors.get(job.requests[0]) as number)
    this.jobs[job.worker] = job
    this.finishesAtMs[job.worker] = this.nowMs + serviceMs
  }

  private withKnowledge(observation: Observation): Observation {
    const { rateKnowledge } = this.options
    const { arrivalRatesPerS, nowMs } = observation
    if (rateKnowledge === 'none') {
      arrivalRatesPerS.fill(0)
      const nothing = { forecast: NO_FORECAST, congestion: NO_CONGESTION }
      return { ...observation, sinceArrivalMs: Number.POSITIVE_INFINITY, ...nothing }
    }
    if (rateKnowledge) arrivalRatesPerS[arrivalRatesPerS.length - 1] = rateKnowledge(nowMs)
    return observation
  }

  /** Lets the earliest event happen; of simultaneous ones, a finish before an arrival. @returns whether there was one */
  private advance(): boolean {
    const worker = this.firstToFinish()
    const finishMs = this.finishesAtMs[worker]
    const arrival = this.options.requests[this.arrived]
    const arrivalMs = arrival?.arrivalMs ?? Number.POSITIVE_INFINITY
    const { wakeAtMs } = this.scheduler
    const atMs = Math.min(finishMs, arrivalMs, wakeAtMs)
    if (atMs === Number.POSITIVE_INFINITY) return false
    this.nowMs = atMs
    if (finishMs === atMs) this.finish(worker)
    else if (arrival !== undefined && arrivalMs === atMs) {
      this.factors.set(arrival, this.drawn[this.arrived])
      this.arrived += 1
      this.scheduler.arrive(arrival, atMs)
    }
    return true
  }

  private firstToFinish(): number {
    let first = 0
    for (let worker = 1; worker < this.finishesAtMs.length; worker++) {
      const isEarlier = this.finishesAtMs[worker] < this.finishesAtMs[first]
      if (isEarlier) first = worker
    }
    return first
  }

  private finish(worker: number): void {
    const job = this.jobs[worker] as Job<SimulatedRequest>
    this.finishesAtMs[worker] = Number.POSITIVE_INFINITY
    this.scheduler.finish(job, this.nowMs)
    for (const request of job.requests) {
      this.settle({ request, atMs: this.nowMs, variant: job.variant })
    }
  }

  private settle(settled: Settled): void {
    this.factors.delete(settled.request)
    this.options.onSettled(settled)
  }
}

/** Requests of equal rank with one deadline, relative to their arrival. @param arrivalsMs ascending */
export function requestsOf(arrivalsMs: ArrayLike<number>, deadlineMs: number): SimulatedRequest[] {
  return Array.from(arrivalsMs, (arrivalMs) => {
    return { arrivalMs, deadlineMs: arrivalMs + deadlineMs, priority: 0, lowestVariant: 0 }
  })
}

function checkOrder(requests: readonly SimulatedRequest[]): void {
  let previousMs = 0
  for (const [index, { arrivalMs }] of requests.entries()) {
    if (!(arrivalMs >= previousMs && arrivalMs < Number.POSITIVE_INFINITY)) {
      throw new ConfigError(`request ${index} arrives at ${arrivalMs} ms, after ${previousMs} ms`)
    }
    previousMs = arrivalMs
  }
}
