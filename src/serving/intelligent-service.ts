import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import { ConfigError, messageOf, NotFoundError, UnavailableError } from '../errors.ts'
import type { ModelMetadata } from '../protocol/messages.ts'
import { DEFAULT_POLICY } from '../scheduling/policies/create.ts'
import type { ServiceOrder } from '../scheduling/request-queue.ts'
import type { SchedulingPolicy } from '../scheduling/scheduling-policy.ts'
import type { Backend, InferencePool, RunRequest } from './backends/backend.ts'
import { type BatchProfile, NO_BATCHES, profileBatches } from './backends/batch-profile.ts'
import { inferTogether } from './backends/batches.ts'
import { operatorsText } from './backends/operators.ts'
import type { ServiceTimesMs } from './backends/worker-messages.ts'
import type { Catalogue } from './models/catalogue.ts'
import { CatalogueWatch } from './models/catalogue-watch.ts'
import { KeptPolicy } from './policy/kept-policy.ts'
import { PolicyFile } from './policy/policy-file.ts'
import { Retraining } from './policy/retraining.ts'
import { type TrainPolicy, trainInProcess } from './policy/training-process.ts'
import { RequestScheduler, type RequestTerms, type ServedInference } from './request-scheduler.ts'
import { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts'
import type { SchedulingReport } from './scheduling-report.ts'

/** Which variants, on how many cores, and who may wait. */
export interface IntelligentServiceOptions extends RuntimeOptions {
  /** Where it is from: watched, so that model files may be replaced while they serve; absent: nothing is watched. */
  readonly catalogueFile?: string
  /** Requests that may wait for a worker; one more is refused. */
  readonly queueLimit: number
  /** Requests that one inference may be of, where that pays. Default: 1. */
  readonly maxBatch?: number
  /** For requests with a deadline. */
  readonly scheduling?: SchedulingOptions
  /** A folder where the policy that the node learns by itself outlives the process; absent: it does not. */
  readonly stateFolder?: string
  /** Default: in a process of its own, of the lowest priority. */
  readonly train?: TrainPolicy
  /** Told what became of policy files, replaced models and servers that went away. */
  readonly logger?: Pick<Logger, 'info' | 'warn'>
}

/** How requests with a deadline are served. */
export interface SchedulingOptions {
  /** One of `POLICY_NAMES`, or a rule of one's own: a node compares it with its rule, and gives it up where that is better. */
  readonly policy: string | SchedulingPolicy
  /** A file with the policy to take instead as soon as it is there, and anew whenever it changes; see `parsePolicy`. */
  readonly policyFile?: string
  /** How often to train the policy on the node's own arrivals, see `Retraining`; absent: never. */
  readonly retrainEveryMs?: number
  /** Of most requests: what policies are made and checked for. */
  readonly usualDeadlineMs?: number
  /** Of requests that name none; absent: they are served as asked, by their soft deadline if that can be. */
  readonly defaultDeadlineMs?: number
  /** See `SchedulerOptions`. */
  readonly softDeadlineMs?: number
  /** See `RequestSchedulerOptions`. */
  readonly waitLimitMs?: number
  readonly order?: ServiceOrder
}

/** Of one request. */
export interface InferOptions {
  /** Of a request with a deadline; absent: the variant asked for serves, however long it takes. */
  readonly terms?: RequestTerms | undefined
  /** Takes the request out of the queue; what already runs is finished. */
  readonly signal?: AbortSignal | undefined
}

/** Load, in requests and workers. */
export interface ServiceUsage {
  readonly queueDepth: number
  readonly busyWorkers: number
  readonly workers: number
  /** That all workers together have worked since the start. */
  readonly workedMs: number
}

/** The Intelligent Service of a node (HL paper, Figure 1): every variant of the catalogue resident and ready to answer. */
export class IntelligentService {
  readonly catalogue: Catalogue
  /** Names of the variants, in catalogue order. */
  readonly variants: readonly string[]
  private readonly options: IntelligentServiceOptions
  private readonly runtime: Runtime
  private scheduler: RequestScheduler | undefined
  private policyFile: PolicyFile | undefined
  private retraining: Retraining | undefined
  private catalogueWatch: CatalogueWatch | undefined
  private isClosed = false

  /** @throws ConfigError for what `createRuntime` refuses, and for retraining in place of a policy asked for by name */
  constructor(options: IntelligentServiceOptions) {
    const { catalogue, scheduling } = options
    checkRetraining(scheduling)
    this.options = options
    this.catalogue = catalogue
    this.variants = catalogue.variants.map(({ name }) => name)
    this.runtime = createRuntime(options)
  }

  /**
   * Resolves when every variant is loaded and warm in every worker.
   * @throws ConfigError for a missing or corrupt model file, or an emulated speed out of reach
   */
  async start(): Promise<void> {
    const { pool, backends } = this.runtime
    if (backends.size > 0) await pool.start()
    await Promise.all([...backends.values()].map((backend) => backend.load()))
    if (this.variants.length > 0 && this.scheduler === undefined) {
      const batches = await this.profileBatches()
      if (this.isClosed) throw new UnavailableError('the node is closing')
      this.scheduler = this.createScheduler(batches)
    }
    for (const [variant, operators] of Object.entries(pool.operators ?? {}))
      this.options.logger?.info(`models: ${variant} runs on ${operatorsText(operators)}`)
    await this.watchPolicyFile()
    await this.startRetraining()
    this.watchCatalogue()
  }

  get ready(): boolean {
    const { pool, backends } = this.runtime
    if (backends.size === 0) return true
    const isLoaded = this.scheduler !== undefined && pool.ready
    return isLoaded && [...backends.values()].every(({ ready }) => ready)
  }

  /** @throws NotFoundError for an unknown variant; UnavailableError before the start */
  metadata(variant: string): ModelMetadata {
    return this.backend(variant).metadata
  }

  /**
   * Serves by the variant asked for; a request with a deadline, by a smaller one when more wait than can be served in time by that.
   * @throws NotFoundError | InvalidInputError | OverloadedError | UnavailableError, DeadlineError when the request is dropped for
   *   its deadline, or the signal's reason
   */
  async infer(
    variant: string,
    request: RunRequest,
    { terms, signal }: InferOptions = {},
  ): Promise<ServedInference> {
    this.backend(variant).check(request)
    if (this.scheduler === undefined) throw new UnavailableError('the models are not warm yet')
    return this.scheduler.infer(variant, request, terms, signal)
  }

  /** Refuses what is about to come and could not be in time. @throws DeadlineError */
  admit(variant: string, terms: RequestTerms): void {
    this.scheduler?.admit(variant, terms)
  }

  /** Variant → time of one inference, as measured at warm-up; empty before the start. */
  get serviceTimesMs(): ServiceTimesMs {
    return this.runtime.pool.serviceTimesMs
  }

  /** Variant → what of ONNX Runtime runs it; undefined where no execution providers were named. */
  get operators(): InferencePool['operators'] {
    return this.runtime.pool.operators
  }

  get usage(): ServiceUsage {
    const { runtime, scheduler } = this
    return {
      queueDepth: scheduler?.queueDepth ?? 0,
      busyWorkers: runtime.pool.busyWorkers,
      workers: runtime.capacity,
      workedMs: scheduler?.worked.untilMs(performance.now()) ?? 0,
    }
  }

  /** Inferences since the start, by how many requests each was of. */
  get inferences(): Readonly<Record<string, number>> {
    return this.scheduler?.inferences ?? {}
  }

  /** How requests with a deadline fared; undefined before the start, and when no variant's accuracy is known. */
  schedulingReport(): SchedulingReport | undefined {
    const isAnyRated = this.catalogue.variants.some(({ accuracyPercent }) => accuracyPercent > 0)
    const report = isAnyRated ? this.scheduler?.report() : undefined
    const retraining = this.retraining?.report
    return report && { ...report, ...(retraining && { retraining }) }
  }

  /** Arrivals of requests with a deadline, as a trace; empty before the first. */
  arrivalTrace(): string {
    return this.scheduler?.arrivals.trace() ?? ''
  }

  /** Mean |actual / target - 1| of the last inferences, percent; undefined when speed is not emulated. */
  get dilationErrorPercent(): number | undefined {
    return this.runtime.pool.dilationErrorPercent
  }

  /** Learns no more: to be called as soon as the node is to end. */
  stopRetraining(): void {
    this.retraining?.stop()
  }

  /** Takes no more requests, answers those it has, then releases the models. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.retraining?.close()
    this.policyFile?.close()
    await this.catalogueWatch?.close()
    await this.scheduler?.close()
    await this.runtime.pool.close()
    await Promise.all([...this.runtime.backends.values()].map((backend) => backend.unload()))
  }

  private async profileBatches(): Promise<BatchProfile> {
    const { catalogue, maxBatch = 1, dilation, logger } = this.options
    if (maxBatch === 1 || dilation !== undefined) return NO_BATCHES
    const { backends } = this.runtime
    const openShape = catalogue.input.shape
    const { profile, said } = await profileBatches({ backends, openShape, maxBatch })
    logger?.info(`scheduling: ${said}`)
    return profile
  }

  private createScheduler(batches: BatchProfile): RequestScheduler {
    const { catalogue, scheduling, queueLimit, logger } = this.options
    const { pool, capacity: workers } = this.runtime
    const scheduler = new RequestScheduler({
      variants: catalogue.variants,
      serviceTimesMs: pool.serviceTimesMs,
      batches,
      workers,
      queueLimit,
      ...scheduling,
      policy: scheduling?.policy ?? DEFAULT_POLICY,
      pool,
      infer: async (variant, requests) => inferTogether(this.backend(variant), requests),
      onGivenUp: (reason) => {
        logger?.warn(`scheduling: ${reason}; anticipating-fit decides now`)
        this.retraining?.givenUp()
      },
    })
    pool.onStarted = () => scheduler.serveNext()
    pool.onNoneLeft = (reason) => scheduler.failQueue(reason)
    return scheduler
  }

  private async watchPolicyFile(): Promise<void> {
    const { scheduler, policyFile } = this
    const { logger, scheduling: { policyFile: file } = {} } = this.options
    if (file === undefined || scheduler === undefined || policyFile) return
    const { policy } = scheduler
    const refuse = (reason: string) =>
      logger?.warn(`scheduling: ${policy.name} stays, ${file} cannot be used: ${reason}`)
    const onText = (text: string) => {
      try {
        policy.replaceBy(text, `from ${file}`)
        logger?.info(`scheduling: ${policy.name} decides now, from ${file}`)
      } catch (error) {
        refuse(messageOf(error))
      }
    }
    this.policyFile = new PolicyFile({ file, onText, onProblem: refuse })
    await this.policyFile.read()
  }

  private async startRetraining(): Promise<void> {
    const { scheduler, retraining } = this
    const { logger, stateFolder, scheduling, train = trainInProcess } = this.options
    const everyMs = scheduling?.retrainEveryMs
    const usualDeadlineMs = scheduling?.usualDeadlineMs
    if (everyMs === undefined || scheduler === undefined || retraining) return
    const { policy, arrivals } = scheduler
    this.retraining = new Retraining({
      ...{ everyMs, policy, arrivals, train, logger },
      times: scheduler.scheduler.times,
      workers: this.runtime.capacity,
      ...(usualDeadlineMs !== undefined && { usualDeadlineMs }),
      ...(stateFolder !== undefined && { kept: new KeptPolicy(stateFolder, logger) }),
      timers: systemClock,
    })
    await this.retraining.start()
  }

  /** Names, inputs, outputs and accuracies stay those of the start: devices and the orchestrator go by them. */
  private watchCatalogue(): void {
    const { catalogue, catalogueFile: file, logger } = this.options
    const { replace } = this.runtime
    if (file === undefined || !replace || this.variants.length === 0) return
    this.catalogueWatch ??= new CatalogueWatch({
      file,
      catalogue,
      replace,
      onReplaced: () =>
        logger?.info(
          `models: other files of ${file} serve now; its names and accuracies count from the next start`,
        ),
      onProblem: (reason) => logger?.warn(`models: those of before serve on: ${reason}`),
    })
  }

  private backend(variant: string): Backend {
    const backend = this.runtime.backends.get(variant)
    if (backend !== undefined) return backend
    throw new NotFoundError(
      `there is no variant "${variant}"; this node serves ${this.variants.join(', ')}`,
    )
  }
}

/** @throws ConfigError where retraining could never take the place of the policy */
function checkRetraining({ retrainEveryMs, policy, policyFile }: Partial<SchedulingOptions> = {}) {
  if (retrainEveryMs === undefined || policy === undefined || policyFile !== undefined) return
  if (policy === DEFAULT_POLICY) return
  const name = typeof policy === 'string' ? policy : policy.name
  throw new ConfigError(
    `scheduling.retrainEveryMs: ${name} was asked for, and nothing learned takes its place: leave scheduling.policy out, or give a policyFile`,
  )
}
