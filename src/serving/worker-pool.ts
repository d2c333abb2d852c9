/** Inference workers, one per (emulated) core, behind one bounded first-in-first-out queue. */
import { Worker } from 'node:worker_threads'
import { messageOf, OverloadedError, UnavailableError } from '../errors.ts'
import { workerUrl } from '../package-files.ts'
import type { Tensor } from '../protocol/messages.ts'
import type { Dilation } from './backend.ts'
import { InferenceThread, type Inferred } from './inference-thread.ts'
import type { DilationTargets } from './speed-dilation.ts'
import type { ModelFile, ModelSignature, ServiceTimesMs, WorkerSetup } from './worker-messages.ts'

export interface WorkerPoolOptions {
  readonly models: readonly ModelFile[]
  readonly workers: number
  /** Requests that may wait for a worker; one more is refused. */
  readonly queueLimit: number
  readonly warmUpShape: readonly number[]
  readonly dilation?: Dilation
  readonly startWorker?: (setup: WorkerSetup) => Worker
}

export interface PoolResult {
  readonly outputs: Inferred['outputs']
  readonly queueMs: number
  readonly computeMs: number
}

interface Job {
  readonly variant: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly string[]
  readonly queuedAtMs: number
  resolve(result: PoolResult): void
  reject(error: unknown): void
  /** Stops listening for the caller's abort: the job has left the queue. */
  leaveQueue(): void
}

const WARM_UP_RUNS = 3
const RESTART_DELAY_MS = 1000
/** Inferences over which the error of the emulated speed is averaged. */
const ERROR_WINDOW = 200

export class WorkerPool {
  /** Called whenever a worker is free and nothing waits here. */
  onFree: () => void = () => {}
  private readonly options: WorkerPoolOptions
  /** Threads that hold the models: free or busy. */
  private readonly threads = new Set<InferenceThread>()
  private readonly loading = new Set<InferenceThread>()
  private readonly free: InferenceThread[] = []
  private readonly queue: Job[] = []
  private readonly dilationErrors: number[] = []
  private readonly restarts = new Set<NodeJS.Timeout>()
  private modelSignatures: Readonly<Record<string, ModelSignature>> = {}
  private targetsMs: DilationTargets | undefined
  private measuredMs: ServiceTimesMs | undefined
  private starting: Promise<void> | undefined
  private state: 'new' | 'open' | 'closed' = 'new'
  private drained: (() => void) | undefined
  private closing: Promise<void> | undefined

  constructor(options: WorkerPoolOptions) {
    this.options = options
  }

  /**
   * Loads and warms every model in every worker; later calls wait for the first.
   * @throws ConfigError for a missing or corrupt model file, or an emulated speed out of reach
   */
  start(): Promise<void> {
    this.starting ??= this.startAll()
    return this.starting
  }

  /** At least one worker holds the models. */
  get ready(): boolean {
    return this.state === 'open' && this.threads.size > 0
  }

  /** Variant → inputs and outputs, as the models state them; empty before the start. */
  get signatures(): Readonly<Record<string, ModelSignature>> {
    return this.modelSignatures
  }

  /** Variant → time of one inference, as the first worker measured it; empty before the start. */
  get serviceTimesMs(): ServiceTimesMs {
    return this.measuredMs ?? {}
  }

  /** The next request would start at once. */
  get hasFreeWorker(): boolean {
    return this.ready && this.free.length > 0 && this.queue.length === 0
  }

  get queueDepth(): number {
    return this.queue.length
  }

  get busyWorkers(): number {
    return this.threads.size - this.free.length
  }

  /** Mean |actual / target - 1| of the last inferences, percent; undefined when speed is not emulated. */
  get dilationErrorPercent(): number | undefined {
    if (this.targetsMs === undefined) return undefined
    const sum = this.dilationErrors.reduce((total, error) => total + error, 0)
    return sum / Math.max(1, this.dilationErrors.length)
  }

  /**
   * Runs on the next free worker, in order of arrival.
   * @param inputs checked against the variant's signature
   * @param signal takes the request out of the queue; what already runs is finished
   * @throws OverloadedError | UnavailableError | InvalidInputError, or the signal's reason
   */
  run(
    variant: string,
    inputs: readonly Tensor[],
    outputs: readonly string[],
    signal?: AbortSignal,
  ): Promise<PoolResult> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (!this.ready) throw new UnavailableError('no inference worker is ready; try again')
      const { queueLimit } = this.options
      if (this.free.length === 0 && this.queue.length >= queueLimit) {
        throw new OverloadedError(
          `the queue is full: ${queueLimit} requests wait already (limit ${queueLimit}); try again later`,
        )
      }
      const leave = () => {
        this.queue.splice(this.queue.indexOf(job), 1)
        reject(signal?.reason)
      }
      const job: Job = {
        variant,
        inputs,
        outputs,
        queuedAtMs: performance.now(),
        resolve,
        reject,
        leaveQueue: () => signal?.removeEventListener('abort', leave),
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.queue.push(job)
      this.dispatch()
    })
  }

  /** Takes no more requests, finishes those that run or wait, then ends every worker. */
  close(): Promise<void> {
    this.closing ??= this.closeAll()
    return this.closing
  }

  private async closeAll(): Promise<void> {
    await this.starting?.catch(() => undefined)
    this.state = 'closed'
    for (const restart of this.restarts) clearTimeout(restart)
    if (this.busyWorkers > 0) {
      await new Promise<void>((resolve) => {
        this.drained = resolve
      })
    }
    const threads = [...this.threads, ...this.loading]
    await Promise.all(threads.map((thread) => thread.stop()))
  }

  private async startAll(): Promise<void> {
    try {
      // The first worker finds the emulated speed, alone; the others take it over.
      await this.startThread()
      const others = Array.from({ length: this.options.workers - 1 }, () => this.startThread())
      await Promise.all(others)
      this.state = 'open'
    } catch (error) {
      this.state = 'closed'
      await Promise.all([...this.threads].map((thread) => thread.stop()))
      throw error
    }
  }

  private async startThread(): Promise<void> {
    const { models, warmUpShape, dilation, startWorker = startInferenceWorker } = this.options
    const worker = startWorker({
      models,
      warmUpRuns: WARM_UP_RUNS,
      warmUpShape,
      ...(dilation && { dilation }),
      ...(this.targetsMs && { targetsMs: this.targetsMs }),
      ...(this.measuredMs && { serviceTimesMs: this.measuredMs }),
    })
    const thread = new InferenceThread(worker, (reason) => this.forget(thread, reason))
    this.loading.add(thread)
    try {
      const { signatures, targetsMs, serviceTimesMs } = await thread.ready()
      this.modelSignatures = signatures
      this.targetsMs = targetsMs
      this.measuredMs = serviceTimesMs
    } catch (error) {
      await thread.stop()
      throw error
    } finally {
      this.loading.delete(thread)
    }
    this.threads.add(thread)
    this.free.push(thread)
    this.dispatch()
  }

  private dispatch(): void {
    while (this.free.length > 0) {
      const job = this.queue.shift()
      if (job === undefined) break
      const thread = this.free.shift() as InferenceThread
      job.leaveQueue()
      this.runOn(thread, job).catch(job.reject)
    }
    if (this.busyWorkers === 0 && this.queue.length === 0) this.drained?.()
    if (this.hasFreeWorker) this.onFree()
  }

  private async runOn(thread: InferenceThread, job: Job): Promise<void> {
    const queueMs = performance.now() - job.queuedAtMs
    try {
      const inferred = await thread.infer(job.variant, job.inputs, job.outputs)
      const { outputs, computeMs, dilationErrorPercent } = inferred
      if (dilationErrorPercent !== undefined) this.noteError(dilationErrorPercent)
      job.resolve({ outputs, queueMs, computeMs })
    } finally {
      if (this.threads.has(thread)) this.free.push(thread)
      this.dispatch()
    }
  }

  private noteError(percent: number): void {
    this.dilationErrors.push(percent)
    if (this.dilationErrors.length > ERROR_WINDOW) this.dilationErrors.shift()
  }

  /** A thread has ended; when it was not asked to, another takes its place. */
  private forget(thread: InferenceThread, reason: Error | undefined): void {
    if (!this.threads.delete(thread)) return
    const index = this.free.indexOf(thread)
    if (index >= 0) this.free.splice(index, 1)
    if (this.state === 'open') this.restart()
    else if (this.threads.size === 0 && reason !== undefined) this.failQueue(reason)
  }

  private restart(): void {
    this.startThread().catch((error) => {
      if (this.threads.size === 0) this.failQueue(error)
      if (this.state === 'closed') return
      const retry = setTimeout(() => {
        this.restarts.delete(retry)
        this.restart()
      }, RESTART_DELAY_MS)
      this.restarts.add(retry)
    })
  }

  private failQueue(error: unknown): void {
    for (const job of this.queue.splice(0)) {
      job.leaveQueue()
      job.reject(new UnavailableError(`no inference worker is left: ${messageOf(error)}`))
    }
  }
}

function startInferenceWorker(setup: WorkerSetup): Worker {
  return new Worker(workerUrl('inference-worker', import.meta.url), { workerData: setup })
}
