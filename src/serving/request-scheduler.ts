import { InvalidInputError, UnavailableError } from '../errors.ts'
import { createLadder, type Ladder, lowestVariantFor } from '../scheduling/ladder.ts'
import type { ServiceOrder } from '../scheduling/request-queue.ts'
import { type Job, Scheduler } from '../scheduling/scheduler.ts'
import type { SchedulingPolicy } from '../scheduling/scheduling-policy.ts'
import type { ShadowRequest } from '../scheduling/shadow-node.ts'
import type { DropReason } from '../scheduling/tally.ts'
import { ArrivalLog } from './arrival-log.ts'
import type { Inference, InferencePool, RunRequest } from './backends/backend.ts'
import { type BatchProfile, NO_BATCHES } from './backends/batch-profile.ts'
import { kindOf } from './backends/batches.ts'
import type { ServiceTimesMs } from './backends/worker-messages.ts'
import type { Variant } from './models/catalogue.ts'
import { PolicyInForce } from './policy/policy-in-force.ts'
import { refusalOf } from './refusal.ts'
import { type SchedulingReport, schedulingReport } from './scheduling-report.ts'
import { WorkedTime } from './worked-time.ts'

/** Of requests that state none. */
export const USUAL_PRIORITY = 5

/** What a request without a deadline may wait, where nothing else is set. */
export const WAIT_LIMIT_MS = 10_000

/** How a request may be served. */
export interface RequestTerms {
  /** Relative to the call; infinite: the variant asked for serves, however long it takes. */
  readonly deadlineMs: number
  /** Lower has the larger share; see `ServiceOrder`. */
  readonly priority: number
  /** No variant below it may serve; above what was asked for, a larger one serves. */
  readonly minAccuracyPercent: number
  /** No variant below it may serve, except the one asked for: what the accuracy goal of a fleet leaves room for. */
  readonly goalAccuracyPercent: number
}

/** An inference, and how it came about. */
export interface ServedInference extends Inference {
  /** The variant that served. */
  readonly variant: string
  /** Waiting for a worker. */
  readonly queueMs: number
  /** Requests that were run with it, itself included. */
  readonly batch: number
}

/** What may serve, and what runs it. */
export interface RequestSchedulerOptions {
  /** Those without an accuracy are never chosen: they serve who asks for them. */
  readonly variants: readonly Pick<Variant, 'name' | 'accuracyPercent'>[]
  /** As profiled, for every variant. */
  readonly serviceTimesMs: ServiceTimesMs
  /** Of several requests at once. Default: each is run by itself. */
  readonly batches?: BatchProfile
  readonly workers: number
  /** Requests that may wait. */
  readonly queueLimit: number
  /** See `PolicyInForceOptions`. */
  readonly policy: string | SchedulingPolicy
  /** Of most requests, for the policies that need to know; default: four times the largest service time. */
  readonly usualDeadlineMs?: number
  /** See `SchedulerOptions`. */
  readonly softDeadlineMs?: number
  /** What a request without a deadline may wait for a worker; default `WAIT_LIMIT_MS`. */
  readonly waitLimitMs?: number
  /** Default: shares. */
  readonly order?: ServiceOrder
  readonly pool: Pick<InferencePool, 'ready' | 'hasFreeWorker'>
  /** All in one, on a free worker; see `inferTogether`. */
  readonly infer: (
    variant: string,
    requests: readonly RunRequest[],
  ) => Promise<readonly PromiseSettledResult<Inference>[]>
  /** Told why a policy was given up. */
  readonly onGivenUp?: (reason: string) => void
}

/** `highestVariant`: the one asked for. */
interface Waiting extends ShadowRequest {
  readonly request: RunRequest
  readonly arrivedAtMs: number
  resolve(inference: ServedInference): void
  reject(error: unknown): void
  /** Stops listening for its deadline and its caller's abort. */
  leaveQueue(): void
}

const USUAL_DEADLINE_SERVICES = 4

/**
 * The one queue of a node: each request waits until a worker is free. For one with a deadline a policy picks the variant, from
 * the smallest that the request accepts up to the one it asked for; one without is served as asked, by its soft deadline.
 */
export class RequestScheduler {
  /** Decides; may be replaced at any time. */
  readonly policy: PolicyInForce<Waiting>
  /** Requests and workers; `serveNext` tells it what happens. */
  readonly scheduler: Scheduler<Waiting>
  readonly arrivals = new ArrivalLog()
  readonly worked = new WorkedTime()
  /** Inferences by how many requests each was of. */
  readonly inferences: Record<string, number> = {}
  private readonly ladder: Ladder
  private readonly accuracyPercent: ReadonlyMap<string, number>
  /** By the scheduler's indices: the ladder's, then the others. */
  private readonly names: readonly string[]
  private readonly waitLimitMs: number
  private readonly pool: RequestSchedulerOptions['pool']
  private readonly runOnWorker: RequestSchedulerOptions['infer']
  private wake: NodeJS.Timeout | undefined
  private closed = false
  private emptied: (() => void) | undefined

  /** @throws ConfigError for a policy that does not exist */
  constructor(options: RequestSchedulerOptions) {
    const { variants, workers, queueLimit, policy, pool, infer } = options
    this.accuracyPercent = new Map(variants.map((one) => [one.name, one.accuracyPercent]))
    const { ladder, others } = rated(options)
    this.ladder = ladder
    this.names = [...ladder.variants, ...others].map(({ name }) => name)
    const { order = 'shares', softDeadlineMs, usualDeadlineMs } = options
    const { waitLimitMs = WAIT_LIMIT_MS } = options
    this.waitLimitMs = waitLimitMs
    const soft = softDeadlineMs === undefined ? {} : { softDeadlineMs }
    const shadow = { workers, queueLimit, earlyRefusal: true, waitLimitMs, order, ...soft }
    this.scheduler = new Scheduler<Waiting>({
      ...shadow,
      ladder,
      others,
      onDrop: (waiting, reason) => this.refuse(waiting, reason),
    })
    const { scheduler } = this
    const { times } = scheduler
    const guessMs = USUAL_DEADLINE_SERVICES * times.ms(times.variants - 1, 0)
    const deadlineMs = usualDeadlineMs ?? guessMs
    const isDeadlineStated = usualDeadlineMs !== undefined
    const { onGivenUp } = options
    this.policy = new PolicyInForce({
      policy,
      scheduler,
      node: { times, workers, deadlineMs, isDeadlineStated },
      shadow,
      ...(onGivenUp && { onGivenUp }),
    })
    this.pool = pool
    this.runOnWorker = infer
  }

  /**
   * @param variant asked for, one of those given
   * @param request checked against the model's signature
   * @param terms absent: served as asked, however long it takes, at the usual priority
   * @param signal takes the request out of the queue; what already runs is finished
   * @throws DeadlineError as soon as it cannot be in time; OverloadedError when the queue is full or the wait too long;
   *   UnavailableError, or the signal's reason; InvalidInputError for terms on a variant whose accuracy is not known
   */
  infer(
    variant: string,
    request: RunRequest,
    terms?: RequestTerms,
    signal?: AbortSignal,
  ): Promise<ServedInference> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.closed || !this.pool.ready) {
        throw new UnavailableError('no inference worker is ready; try again')
      }
      const nowMs = performance.now()
      const abort = () => {
        waiting.leaveQueue()
        this.scheduler.withdraw(waiting)
        reject(signal?.reason)
        this.serveNext()
      }
      const expire = () => {
        this.scheduler.expire(waiting)
        this.serveNext()
      }
      const variants = this.variantsFor(variant, terms)
      const { deadlineMs = Infinity, priority = USUAL_PRIORITY } = terms ?? {}
      let isWaiting = true
      let timer: NodeJS.Timeout | undefined
      const waiting: Waiting = {
        ...variants,
        ...(this.scheduler.times.batches > 1 && { kind: kindOf(request) }),
        request,
        priority,
        deadlineMs: nowMs + deadlineMs,
        arrivedAtMs: nowMs,
        resolve,
        reject,
        leaveQueue: () => {
          isWaiting = false
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
        },
      }
      this.arrivals.note(nowMs, deadlineMs, priority)
      this.scheduler.arrive(waiting, nowMs)
      this.policy.arrived(waiting, nowMs)
      this.serveNext()
      // Most begin at once.
      if (!isWaiting) return
      timer = setTimeout(expire, this.longestWaitMs(variants.lowestVariant, deadlineMs))
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /**
   * Refuses a request that is about to come if it could not be in time were it here already, and counts it then.
   * @param deadlineMs from now
   * @throws DeadlineError
   */
  admit(variant: string, terms: RequestTerms): void {
    const nowMs = performance.now()
    const { deadlineMs, priority } = terms
    const announced: Waiting = {
      ...this.variantsFor(variant, terms),
      ...{ priority, deadlineMs: nowMs + deadlineMs, arrivedAtMs: nowMs },
      request: { inputs: [] },
      resolve: () => undefined,
      reject: (error) => {
        throw error
      },
      leaveQueue: () => undefined,
    }
    if (this.scheduler.refuses(announced, nowMs)) this.arrivals.note(nowMs, deadlineMs, priority)
  }

  /** Starts what can be started: to be called whenever a worker has become free. */
  serveNext(): void {
    while (this.scheduler.queued > 0 && this.pool.hasFreeWorker) {
      const nowMs = performance.now()
      const observation = this.scheduler.observe(nowMs)
      const job = observation
        ? this.policy.decide(observation, nowMs)
        : this.scheduler.startAsAsked(nowMs)
      if (job) this.start(job)
      else if (observation === undefined) break
    }
    this.wakeUp()
    if (this.worked.running === 0 && this.queueDepth === 0) this.emptied?.()
  }

  /** No worker is left: nobody is to wait for one. */
  failQueue(reason: UnavailableError): void {
    for (const waiting of this.scheduler.abandonQueue()) {
      waiting.leaveQueue()
      waiting.reject(reason)
    }
    this.serveNext()
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
    if (this.worked.running > 0 || this.queueDepth > 0) {
      await new Promise<void>((resolve) => {
        this.emptied = resolve
      })
    }
    clearTimeout(this.wake)
  }

  /** A service that begins later is late, or the wait too long. */
  private longestWaitMs(lowestVariant: number, deadlineMs: number): number {
    if (deadlineMs === Infinity) return this.waitLimitMs
    return Math.max(0, Math.ceil(deadlineMs - this.scheduler.times.ms(lowestVariant, 0)))
  }

  /** With a deadline, one that beats it stands for a variant that is not on the ladder: as accurate and no slower. */
  private variantsFor(variant: string, terms: RequestTerms | undefined) {
    if (terms === undefined || terms.deadlineMs === Infinity) {
      const asked = this.names.indexOf(variant)
      return { lowestVariant: asked, highestVariant: asked }
    }
    const askedPercent = this.accuracyPercent.get(variant) ?? 0
    if (askedPercent === 0) {
      throw new InvalidInputError(
        `the accuracy of variant ${variant} is not known, so nothing can stand in for it: run "tierwise models evaluate", or leave deadline_ms out`,
      )
    }
    const { minAccuracyPercent, goalAccuracyPercent } = terms
    const leastPercent = Math.max(minAccuracyPercent, Math.min(goalAccuracyPercent, askedPercent))
    const lowestVariant = lowestVariantFor(this.ladder, leastPercent)
    const highestVariant = lowestVariantFor(this.ladder, Math.max(askedPercent, leastPercent))
    return { lowestVariant, highestVariant }
  }

  private start(job: Job<Waiting>): void {
    for (const waiting of job.requests) waiting.leaveQueue()
    this.worked.begin(performance.now())
    void this.run(job).finally(() => {
      this.worked.end(performance.now())
      this.serveNext()
    })
  }

  private async run(job: Job<Waiting>): Promise<void> {
    const { requests, startedAtMs } = job
    const variant = this.nameOf(job.variant)
    this.inferences[requests.length] = (this.inferences[requests.length] ?? 0) + 1
    const asked = requests.map(({ request }) => request)
    const results = await this.runOnWorker(variant, asked).catch((reason: unknown) => {
      return asked.map(() => ({ status: 'rejected', reason }) as const)
    })
    const nowMs = performance.now()
    const answered = requests.filter((_, index) => results[index]?.status === 'fulfilled')
    this.scheduler.finish(job, nowMs, answered)
    if (answered.length > 0) this.policy.served(job, nowMs)
    for (const [index, waiting] of requests.entries()) {
      const result = results[index]
      const queueMs = startedAtMs - waiting.arrivedAtMs
      if (result?.status !== 'fulfilled') waiting.reject(result?.reason)
      else waiting.resolve({ ...result.value, variant, queueMs, batch: requests.length })
    }
  }

  private refuse(waiting: Waiting, reason: DropReason): void {
    const { arrivedAtMs, deadlineMs, lowestVariant } = waiting
    const { queued, times } = this.scheduler
    const nowMs = performance.now()
    waiting.leaveQueue()
    const error = refusalOf({
      ...{ reason, queued, waitLimitMs: this.waitLimitMs },
      waitedMs: nowMs - arrivedAtMs,
      withinMs: deadlineMs - arrivedAtMs,
      smallest: this.nameOf(lowestVariant),
      neededMs: times.ms(lowestVariant, 0),
      retryAfterMs: this.retryAfterMs(waiting, reason, nowMs),
    })
    waiting.reject(error)
  }

  /** One that has waited was expected to be served meanwhile: the like of it may come when all that waits is served. */
  private retryAfterMs(waiting: Waiting, reason: DropReason, nowMs: number): number {
    const { scheduler, pool } = this
    const { arrivedAtMs, deadlineMs, lowestVariant } = waiting
    const isNew = reason === 'refused' || reason === 'queue-full'
    const inMs = isNew
      ? scheduler.roomInMs(waiting, deadlineMs - arrivedAtMs, nowMs)
      : scheduler.waitMs(nowMs)
    if (inMs > 0 || (scheduler.queued === 0 && pool.hasFreeWorker)) return inMs
    // A worker takes longer than planned: nobody knows how long.
    return scheduler.times.ms(lowestVariant, 0)
  }

  private nameOf(variant: number): string {
    return this.names[variant] ?? ''
  }

  /** A policy may have chosen to wait. */
  private wakeUp(): void {
    clearTimeout(this.wake)
    const inMs = this.scheduler.wakeAtMs - performance.now()
    if (inMs < Infinity) this.wake = setTimeout(() => this.serveNext(), inMs)
  }
}

/** The variants to choose from, as a ladder, and the others. Where no accuracy is known, nothing is ever chosen. */
function rated({ variants, serviceTimesMs, batches = NO_BATCHES }: RequestSchedulerOptions) {
  const all = variants.map(({ name, accuracyPercent }) => {
    const ratios = [1, ...(batches.ratios[name] ?? [])]
    const ofOneMs = serviceTimesMs[name] ?? Number.NaN
    return { name, accuracyPercent, serviceTimesMs: ratios.map((ratio) => ratio * ofOneMs) }
  })
  const known = all.filter(({ accuracyPercent }) => accuracyPercent > 0)
  const ladder = createLadder(
    known.length > 0 ? known : all.map((variant) => ({ ...variant, accuracyPercent: 100 })),
    batches.sizes,
  )
  const onLadder = new Set(ladder.variants.map(({ name }) => name))
  return { ladder, others: all.filter(({ name }) => !onLadder.has(name)) }
}
