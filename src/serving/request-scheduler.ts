/**
 * Requests with a deadline: each waits until a worker is free, and a policy picks the variant that serves it, from the
 * smallest that the request accepts up to the one it asked for.
 */
import { DeadlineError, OverloadedError, UnavailableError } from '../errors.ts'
import type { InferRequest } from '../protocol/messages.ts'
import { createLadder, type Ladder, lowestVariantFor } from '../scheduling/ladder.ts'
import { type Job, Scheduler } from '../scheduling/scheduler.ts'
import type { ShadowRequest } from '../scheduling/shadow-node.ts'
import type { DropReason } from '../scheduling/tally.ts'
import type { Inference } from './backend.ts'
import type { Variant } from './catalogue.ts'
import { PolicyInForce } from './policy-in-force.ts'
import { type SchedulingReport, schedulingReport } from './scheduling-report.ts'
import type { ServiceTimesMs } from './worker-messages.ts'

/** How a request may be served. */
export interface RequestTerms {
  /** Relative to the call. */
  readonly deadlineMs: number
  /** Lower is served first. */
  readonly priority: number
  /** No variant below it may serve; above what was asked for, a larger one serves. */
  readonly minAccuracyPercent: number
  /** No variant below it may serve, except the one asked for: what the accuracy goal of a fleet leaves room for. */
  readonly goalAccuracyPercent: number
}

export interface ScheduledInference extends Inference {
  /** The variant that served. */
  readonly variant: string
}

/** Where the inferences run. */
export interface Workers {
  readonly ready: boolean
  /** The next inference would start at once. */
  readonly isFree: boolean
  infer(variant: string, request: InferRequest): Promise<Inference>
}

export interface RequestSchedulerOptions {
  /** Those without an accuracy are never chosen. */
  readonly variants: readonly Pick<Variant, 'name' | 'accuracyPercent'>[]
  /** As profiled, for every variant. */
  readonly serviceTimesMs: ServiceTimesMs
  readonly workers: number
  /** Requests that may wait. */
  readonly queueLimit: number
  /** One of `POLICY_NAMES`. */
  readonly policy: string
  /** Of most requests, for the policies that need to know; default: four times the largest service time. */
  readonly usualDeadlineMs?: number
  readonly runOn: Workers
  /** Told why a policy was given up. */
  readonly onGivenUp?: (reason: string) => void
}

/** `highestVariant`: the one asked for. */
interface Waiting extends ShadowRequest {
  readonly request: InferRequest
  readonly terms: RequestTerms
  readonly arrivedAtMs: number
  resolve(inference: ScheduledInference): void
  reject(error: unknown): void
  /** Stops listening for its deadline and its caller's abort. */
  leaveQueue(): void
}

const USUAL_DEADLINE_SERVICES = 4

export class RequestScheduler {
  /** Decides; may be replaced at any time. */
  readonly policy: PolicyInForce<Waiting>
  /** Requests and workers; `serveNext` tells it what happens. */
  readonly scheduler: Scheduler<Waiting>
  private readonly ladder: Ladder
  private readonly runOn: Workers
  private wake: NodeJS.Timeout | undefined
  private running = 0
  private closed = false
  private emptied: (() => void) | undefined

  /** @throws ConfigError when no variant has an accuracy, or for a policy that does not exist */
  constructor(options: RequestSchedulerOptions) {
    const { variants, serviceTimesMs, workers, queueLimit, policy, runOn } = options
    this.ladder = createLadder(
      variants
        .filter(({ accuracyPercent }) => accuracyPercent > 0)
        .map(({ name, accuracyPercent }) => {
          return { name, accuracyPercent, serviceTimesMs: [serviceTimesMs[name] ?? Number.NaN] }
        }),
    )
    const shadow = { workers, queueLimit, earlyRefusal: true }
    this.scheduler = new Scheduler<Waiting>({
      ...shadow,
      ladder: this.ladder,
      onDrop: (waiting, reason) => this.refuse(waiting, reason),
    })
    const { scheduler } = this
    const { times } = scheduler
    const usualMs = USUAL_DEADLINE_SERVICES * times.ms(times.variants - 1, 0)
    const { usualDeadlineMs: deadlineMs = usualMs, onGivenUp } = options
    this.policy = new PolicyInForce({
      policy,
      scheduler,
      node: { times, workers, deadlineMs },
      shadow,
      ...(onGivenUp && { onGivenUp }),
    })
    this.runOn = runOn
  }

  /**
   * @param accuracyPercent of the variant asked for
   * @param request checked against the model's signature
   * @param signal takes the request out of the queue; what already runs is finished
   * @throws DeadlineError when it is dropped; OverloadedError, UnavailableError, or the signal's reason
   */
  infer(
    accuracyPercent: number,
    request: InferRequest,
    terms: RequestTerms,
    signal?: AbortSignal,
  ): Promise<ScheduledInference> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.closed || !this.runOn.ready) {
        throw new UnavailableError('no inference worker is ready; try again')
      }
      const nowMs = performance.now()
      const abort = () => {
        this.leave(waiting)
        reject(signal?.reason)
      }
      const expire = () => {
        this.leave(waiting)
        this.scheduler.tally.drop('expired')
        this.refuse(waiting, 'expired')
      }
      const timer = setTimeout(expire, Math.ceil(terms.deadlineMs))
      signal?.addEventListener('abort', abort, { once: true })
      const waiting: Waiting = {
        ...this.variantsFor(accuracyPercent, terms),
        request,
        terms,
        priority: terms.priority,
        deadlineMs: nowMs + terms.deadlineMs,
        arrivedAtMs: nowMs,
        resolve,
        reject,
        leaveQueue: () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
        },
      }
      this.scheduler.arrive(waiting, nowMs)
      this.policy.arrived(waiting, nowMs)
      this.serveNext()
    })
  }

  /** Starts what can be started: to be called whenever a worker has become free. */
  serveNext(): void {
    while (this.scheduler.queued > 0 && this.runOn.isFree) {
      const nowMs = performance.now()
      const observation = this.scheduler.observe(nowMs)
      if (observation === undefined) break
      const job = this.policy.decide(observation, nowMs)
      if (job) this.start(job)
    }
    this.wakeUp()
    if (this.running === 0 && this.queueDepth === 0) this.emptied?.()
  }

  get queueDepth(): number {
    return this.scheduler.queued
  }

  report(): SchedulingReport {
    return schedulingReport(this)
  }

  /** Takes no more requests, and resolves when those it has are answered. */
  async close(): Promise<void> {
    this.closed = true
    if (this.running > 0 || this.queueDepth > 0) {
      await new Promise<void>((resolve) => {
        this.emptied = resolve
      })
    }
    clearTimeout(this.wake)
  }

  /** A variant that is not on the ladder stands for one that beats it: as accurate and no slower. */
  private variantsFor(askedPercent: number, terms: RequestTerms) {
    const { minAccuracyPercent, goalAccuracyPercent } = terms
    const leastPercent = Math.max(minAccuracyPercent, Math.min(goalAccuracyPercent, askedPercent))
    const lowestVariant = lowestVariantFor(this.ladder, leastPercent)
    const highestVariant = lowestVariantFor(this.ladder, Math.max(askedPercent, leastPercent))
    return { lowestVariant, highestVariant }
  }

  private start(planned: Job<Waiting>): void {
    const [waiting] = planned.requests
    if (waiting === undefined) return
    // A policy knows the smallest variant that a request accepts, not the largest: fewer milliseconds than planned.
    const job = { ...planned, variant: Math.min(planned.variant, waiting.highestVariant) }
    waiting.leaveQueue()
    this.running += 1
    void this.run(job, waiting).finally(() => {
      this.running -= 1
      this.serveNext()
    })
  }

  private async run(job: Job<Waiting>, waiting: Waiting): Promise<void> {
    const variant = this.nameOf(job.variant)
    try {
      const inference = await this.runOn.infer(variant, waiting.request)
      const nowMs = performance.now()
      this.scheduler.finish(job, nowMs)
      this.policy.served(job, nowMs)
      const queueMs = job.startedAtMs - waiting.arrivedAtMs + inference.queueMs
      waiting.resolve({ ...inference, variant, queueMs })
    } catch (error) {
      this.scheduler.abandon(job)
      waiting.reject(error)
    }
  }

  private leave(waiting: Waiting): void {
    waiting.leaveQueue()
    this.scheduler.withdraw(waiting)
    this.serveNext()
  }

  private refuse(waiting: Waiting, reason: DropReason): void {
    waiting.leaveQueue()
    waiting.reject(this.dropError(waiting, reason))
  }

  private dropError({ terms, lowestVariant }: Waiting, reason: DropReason): Error {
    const { queued, times } = this.scheduler
    if (reason === 'queue-full') {
      return new OverloadedError(`the queue is full: ${queued} requests wait already; try later`)
    }
    const smallest = this.nameOf(lowestVariant)
    const neededMs = times.ms(lowestVariant, 0).toFixed(1)
    return new DeadlineError(
      `dropped (${reason}): the deadline was ${terms.deadlineMs.toFixed(1)} ms away and cannot be met: ${queued} requests wait, and ${smallest}, the smallest variant allowed, takes ${neededMs} ms; allow more time (deadline_ms) or less accuracy (min_accuracy), or try again later`,
    )
  }

  private nameOf(variant: number): string {
    return this.ladder.variants[variant]?.name ?? ''
  }

  /** A policy may have chosen to wait. */
  private wakeUp(): void {
    clearTimeout(this.wake)
    const inMs = this.scheduler.wakeAtMs - performance.now()
    if (inMs < Number.POSITIVE_INFINITY) this.wake = setTimeout(() => this.serveNext(), inMs)
  }
}
