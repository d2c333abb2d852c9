import type { Worker } from 'node:worker_threads'
import { mean } from 'simple-statistics'
import { messageOf, UnavailableError } from '../../errors.ts'
import type { Tensor } from '../../protocol/messages.ts'
import type { Dilation } from './backend.ts'
import { InferenceThread, type Inferred, startInferenceWorker } from './inference-thread.ts'
import type { DilationTargets } from './speed-dilation.ts'
import type { ModelFile, ModelSignature, ServiceTimesMs, WorkerSetup } from './worker-messages.ts'

/** Which models, and how many workers hold them. */
export interface WorkerPoolOptions {
  readonly models: readonly ModelFile[]
  readonly workers: number
  readonly warmUpShape: readonly number[]
  readonly dilation?: Dilation
  readonly startWorker?: (setup: WorkerSetup) => Worker
}

const WARM_UP_RUNS = 3
const RESTART_DELAY_MS = 1000
/** Inferences over which the error of the emulated speed is averaged. */
const ERROR_WINDOW = 200

/** Inference workers, one per (emulated) core: knows which are free, and runs one inference on one of them. */
export class WorkerPool {
  /** Called when a worker has been started, in place of one that ended: it is free. */
  onStarted: () => void = () => {}
  /** Called when no worker is left and no other could be started. */
  onNoneLeft: (reason: UnavailableError) => void = () => {}
  private readonly options: WorkerPoolOptions
  /** Threads that hold the models: free or busy. */
  private readonly threads = new Set<InferenceThread>()
  private readonly loading = new Set<InferenceThread>()
  private readonly free: InferenceThread[] = []
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

  /** The next inference would start at once. */
  get hasFreeWorker(): boolean {
    return this.ready && this.free.length > 0
  }

  get busyWorkers(): number {
    return this.threads.size - this.free.length
  }

  /** Mean |actual / target - 1| of the last inferences, percent; undefined when speed is not emulated. */
  get dilationErrorPercent(): number | undefined {
    if (this.targetsMs === undefined) return undefined
    return this.dilationErrors.length === 0 ? 0 : mean(this.dilationErrors)
  }

  /**
   * Runs on a free worker, at once.
   * @param inputs checked against the variant's signature
   * @throws UnavailableError when no worker is free or it crashes; InvalidInputError when the model refuses the inputs
   */
  async run(
    variant: string,
    inputs: readonly Tensor[],
    outputs: readonly string[],
  ): Promise<Inferred> {
    const thread = this.ready ? this.free.shift() : undefined
    if (thread === undefined) throw new UnavailableError('no inference worker is free; try again')
    try {
      const inferred = await thread.infer(variant, inputs, outputs)
      if (inferred.dilationErrorPercent !== undefined) this.noteError(inferred.dilationErrorPercent)
      return inferred
    } finally {
      if (this.threads.has(thread)) this.free.push(thread)
      if (this.busyWorkers === 0) this.drained?.()
    }
  }

  /** Runs no more, lets what runs finish, then ends every worker. */
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
    const thread = new InferenceThread(worker, () => this.forget(thread))
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
    this.onStarted()
  }

  private noteError(percent: number): void {
    this.dilationErrors.push(percent)
    if (this.dilationErrors.length > ERROR_WINDOW) this.dilationErrors.shift()
  }

  /** A thread has ended; when it was not asked to, another takes its place. */
  private forget(thread: InferenceThread): void {
    if (!this.threads.delete(thread)) return
    const index = this.free.indexOf(thread)
    if (index >= 0) this.free.splice(index, 1)
    if (this.state === 'open') this.restart()
  }

  private restart(): void {
    this.startThread().catch((error) => {
      if (this.threads.size === 0) {
        this.onNoneLeft(new UnavailableError(`no inference worker is left: ${messageOf(error)}`))
      }
      if (this.state === 'closed') return
      const retry = setTimeout(() => {
        this.restarts.delete(retry)
        this.restart()
      }, RESTART_DELAY_MS)
      this.restarts.add(retry)
    })
  }
}
