import type { Worker } from 'node:worker_threads'
import { mean } from 'simple-statistics'
import { ConfigError, messageOf, UnavailableError } from '../../errors.ts'
import type { Tensor } from '../../protocol/messages.ts'
import type { Dilation, InferencePool } from './backend.ts'
import {
  InferenceThread,
  type Inferred,
  type Ready,
  startInferenceWorker,
} from './inference-thread.ts'
import type { DilationTargets } from './speed-dilation.ts'
import type { ModelFile, ModelSignature, ServiceTimesMs, WorkerSetup } from './worker-messages.ts'

/** Which models, and how many workers hold them. */
export interface WorkerPoolOptions {
  readonly models: readonly ModelFile[]
  readonly workers: number
  readonly warmUpShape: readonly number[]
  readonly dilation?: Dilation
  /** Of ONNX Runtime, the preferred one first; absent: the processor. */
  readonly executionProviders?: readonly string[]
  readonly startWorker?: (setup: WorkerSetup) => Worker
}

const WARM_UP_RUNS = 3
const RESTART_DELAY_MS = 1000
/** Inferences over which the error of the emulated speed is averaged. */
const ERROR_WINDOW = 200

/** A thread that holds the models, and what it said of them. */
interface Loaded {
  readonly thread: InferenceThread
  readonly ready: Ready
}

/** What another thread has measured. */
interface Measured {
  readonly targetsMs?: DilationTargets | undefined
  readonly serviceTimesMs?: ServiceTimesMs | undefined
}

/** Inference workers, one per (emulated) core: knows which are free, and runs one inference on one of them. */
export class WorkerPool implements InferencePool {
  /** Called when a worker has been started, in place of one that ended: it is free. */
  onStarted: () => void = () => {}
  /** Called when no worker is left and no other could be started. */
  onNoneLeft: (reason: UnavailableError) => void = () => {}
  private readonly options: WorkerPoolOptions
  /** Threads that hold the models: free or busy. */
  private readonly threads = new Set<InferenceThread>()
  private readonly loading = new Set<InferenceThread>()
  /** Busy with their last inference: others have taken their place. */
  private readonly retired = new Set<InferenceThread>()
  private readonly free: InferenceThread[] = []
  private readonly dilationErrors: number[] = []
  private readonly restarts = new Set<NodeJS.Timeout>()
  private models: readonly ModelFile[]
  private modelSignatures: Readonly<Record<string, ModelSignature>> = {}
  private targetsMs: DilationTargets | undefined
  private measuredMs: ServiceTimesMs | undefined
  private foundOperators: Ready['operators']
  private starting: Promise<void> | undefined
  private state: 'new' | 'open' | 'closed' = 'new'
  private drained: (() => void) | undefined
  private closing: Promise<void> | undefined

  constructor(options: WorkerPoolOptions) {
    this.options = options
    this.models = options.models
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

  /** Variant → what runs it; undefined where no execution providers were named. */
  get operators(): Ready['operators'] {
    return this.foundOperators
  }

  /** The next inference would start at once. */
  get hasFreeWorker(): boolean {
    return this.ready && this.free.length > 0
  }

  get busyWorkers(): number {
    return this.threads.size - this.free.length + this.retired.size
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
      if (this.retired.delete(thread)) void thread.stop()
      if (this.busyWorkers === 0) this.drained?.()
    }
  }

  /**
   * Loads and warms other files of the same models beside those that serve; then new workers take the place of the old ones, which
   * finish what they run.
   * @throws ConfigError when a file cannot be loaded, or has other inputs or outputs: nothing has changed then
   */
  async replace(models: readonly ModelFile[]): Promise<void> {
    const loaded = await this.loadAll(models)
    const idle = new Set(this.free.splice(0))
    for (const thread of this.threads) {
      if (idle.has(thread)) void thread.stop()
      else this.retired.add(thread)
    }
    this.threads.clear()
    this.models = models
    for (const one of loaded) this.admit(one)
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
    const measured = { targetsMs: this.targetsMs, serviceTimesMs: this.measuredMs }
    this.admit(await this.loadThread(this.models, measured))
  }

  /** As many threads as there are workers, none of them admitted. */
  private async loadAll(models: readonly ModelFile[]): Promise<Loaded[]> {
    const loaded: Loaded[] = []
    try {
      const first = await this.loadThread(models, {})
      loaded.push(first)
      checkAlike(first.ready.signatures, this.modelSignatures)
      const others = Array.from({ length: this.options.workers - 1 }, () =>
        this.loadThread(models, first.ready),
      )
      const settled = await Promise.allSettled(others)
      loaded.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
      const failed = settled.find((one) => one.status === 'rejected')
      if (failed) throw failed.reason
      if (this.state !== 'open') throw new UnavailableError('the workers are closed')
      return loaded
    } catch (error) {
      await Promise.all(loaded.map(({ thread }) => thread.stop()))
      throw error
    }
  }

  /** Starts a thread and waits until it holds the models; it runs nothing yet. */
  private async loadThread(
    models: readonly ModelFile[],
    { targetsMs, serviceTimesMs }: Measured,
  ): Promise<Loaded> {
    const { startWorker = startInferenceWorker } = this.options
    const { warmUpShape, dilation, executionProviders } = this.options
    const worker = startWorker({
      models,
      warmUpRuns: WARM_UP_RUNS,
      warmUpShape,
      ...(executionProviders && { executionProviders }),
      ...(dilation && { dilation }),
      ...(targetsMs && { targetsMs }),
      ...(serviceTimesMs && { serviceTimesMs }),
    })
    const thread = new InferenceThread(worker, () => this.forget(thread))
    this.loading.add(thread)
    try {
      return { thread, ready: await thread.ready() }
    } catch (error) {
      await thread.stop()
      throw error
    } finally {
      this.loading.delete(thread)
    }
  }

  /** From now on it runs what comes. */
  private admit({ thread, ready }: Loaded): void {
    this.modelSignatures = ready.signatures
    this.targetsMs = ready.targetsMs
    this.measuredMs = ready.serviceTimesMs
    this.foundOperators = ready.operators ?? this.foundOperators
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

/** Requests are made for the inputs and outputs that the models had at the start. */
function checkAlike(now: Ready['signatures'], before: Ready['signatures']): void {
  const changed = Object.keys(before).find(
    (variant) => JSON.stringify(now[variant]) !== JSON.stringify(before[variant]),
  )
  if (changed === undefined) return
  throw new ConfigError(`variant ${changed} has other inputs or outputs now: start the node anew`)
}
