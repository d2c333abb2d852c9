import type { QueuedRequest } from './request-queue.ts'
import { type Job, Scheduler, type SchedulerOptions } from './scheduler.ts'
import type { SchedulingPolicy } from './scheduling-policy.ts'
import type { ServiceTimes } from './service-times.ts'
import type { Tally } from './tally.ts'

/** A request of the live node. */
export interface ShadowRequest extends QueuedRequest {
  /** Index of the largest variant that may serve. */
  readonly highestVariant: number
}

/** The live node, as far as it is copied. */
export interface ShadowNodeOptions
  extends Pick<
    SchedulerOptions<never>,
    'workers' | 'queueLimit' | 'earlyRefusal' | 'waitLimitMs' | 'order' | 'softDeadlineMs'
  > {
  /** The live node's. */
  readonly times: ServiceTimes
}

/** Services of the live node that are remembered. */
const REMEMBERED = 64
/** Share of its usual time that a service takes at least. */
const SHORTEST_SHARE = 0.5

/**
 * What a policy would have made of the requests that a live node gets: a node of the same size that serves nothing, in the
 * same time. Told of every arrival, and of how long the live node's services take.
 */
export class ShadowNode {
  private readonly scheduler: Scheduler<ShadowRequest>
  private readonly policy: SchedulingPolicy
  private readonly times: ServiceTimes
  private readonly running = new Set<{ readonly job: Job<ShadowRequest>; endsAtMs: number }>()
  /**
   * What the live node's latest services took beyond their usual time, taken in turn by this node's: a hold-up lasts as long
   * whichever variant meets it.
   */
  private readonly beyondMs: number[] = []
  private services = 0
  private observed = 0

  constructor(policy: SchedulingPolicy, options: ShadowNodeOptions) {
    this.policy = policy
    this.times = options.times
    const { ladder, others } = options.times
    this.scheduler = new Scheduler({ ...options, ladder, others })
  }

  get tally(): Tally {
    return this.scheduler.tally
  }

  /** A service of the live node has taken so long. @param batch index of the batch size */
  observeService(variant: number, batch: number, measuredMs: number): void {
    this.beyondMs[this.observed % REMEMBERED] = measuredMs - this.times.usualMs(variant, batch)
    this.observed += 1
  }

  arrive(request: ShadowRequest, nowMs: number): void {
    this.advance(nowMs)
    this.scheduler.arrive(request, nowMs)
    this.serve(nowMs)
  }

  /** Lets happen what happens until now. */
  advance(nowMs: number): void {
    for (;;) {
      const next = this.nextToEnd()
      const atMs = Math.min(next?.endsAtMs ?? Infinity, this.scheduler.wakeAtMs)
      if (atMs > nowMs) return
      if (next?.endsAtMs === atMs) {
        this.running.delete(next)
        this.scheduler.finish(next.job, atMs)
      }
      this.serve(atMs)
    }
  }

  private serve(nowMs: number): void {
    for (;;) {
      const observation = this.scheduler.observe(nowMs)
      const job = observation
        ? this.scheduler.apply(this.policy.decide(observation), nowMs)
        : this.scheduler.startAsAsked(nowMs)
      if (job) this.start(job, nowMs)
      else if (observation === undefined) return
    }
  }

  private start(job: Job<ShadowRequest>, nowMs: number): void {
    const usualMs = this.times.usualMs(job.variant, job.batch)
    const beyondMs = this.beyondMs[this.services % Math.max(1, this.beyondMs.length)] ?? 0
    this.services += 1
    const takesMs = Math.max(SHORTEST_SHARE * usualMs, usualMs + beyondMs)
    this.running.add({ job, endsAtMs: nowMs + takesMs })
  }

  private nextToEnd() {
    let next: { readonly job: Job<ShadowRequest>; endsAtMs: number } | undefined
    for (const running of this.running) {
      if (next === undefined || running.endsAtMs < next.endsAtMs) next = running
    }
    return next
  }
}
