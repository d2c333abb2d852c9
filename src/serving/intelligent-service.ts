/** The Intelligent Service of a node (HL paper, Figure 1): every variant of the catalogue resident and ready to answer. */
import { NotFoundError, TierwiseError } from '../errors.ts'
import type { InferRequest, ModelMetadata } from '../protocol/messages.ts'
import type { Backend, Dilation, Inference } from './backend.ts'
import type { Catalogue } from './catalogue.ts'
import { OnnxBackend } from './onnx-backend.ts'
import { WorkerPool } from './worker-pool.ts'

export interface IntelligentServiceOptions {
  readonly catalogue: Catalogue
  /** Cores of the node, real or emulated: each is a worker thread that runs one inference at a time. */
  readonly workers: number
  /** Requests that may wait for a worker. */
  readonly queueLimit: number
  readonly dilation?: Dilation
}

export interface ServiceStats {
  readonly requests: number
  /** Answered with an error that was not the caller's. */
  readonly failedRequests: number
  readonly queueDepth: number
  readonly busyWorkers: number
}

export class IntelligentService {
  readonly catalogue: Catalogue
  /** Names of the variants, in catalogue order. */
  readonly variants: readonly string[]
  private readonly pool: WorkerPool
  private readonly backends: ReadonlyMap<string, Backend>
  private requests = 0
  private failedRequests = 0

  constructor({ catalogue, workers, queueLimit, dilation }: IntelligentServiceOptions) {
    this.catalogue = catalogue
    this.variants = catalogue.variants.map(({ name }) => name)
    this.pool = new WorkerPool({
      models: catalogue.variants.map(({ name, file }) => ({ variant: name, file })),
      workers,
      queueLimit,
      warmUpShape: catalogue.input.shape,
      ...(dilation && { dilation }),
    })
    this.backends = new Map(this.variants.map((name) => [name, new OnnxBackend(this.pool, name)]))
  }

  /**
   * Resolves when every variant is loaded and warm in every worker.
   * @throws ConfigError for a missing or corrupt model file, or an emulated speed out of reach
   */
  async start(): Promise<void> {
    await Promise.all([...this.backends.values()].map((backend) => backend.load()))
  }

  get ready(): boolean {
    return [...this.backends.values()].every((backend) => backend.ready)
  }

  /** @throws NotFoundError for an unknown variant; UnavailableError before the start */
  metadata(variant: string): ModelMetadata {
    return this.backend(variant).metadata
  }

  /**
   * @param signal takes the request out of the queue
   * @throws NotFoundError | InvalidInputError | OverloadedError | UnavailableError, or the signal's reason
   */
  async infer(variant: string, request: InferRequest, signal?: AbortSignal): Promise<Inference> {
    this.requests += 1
    try {
      return await this.backend(variant).infer(request, signal)
    } catch (error) {
      if (!isCallersFault(error) && !signal?.aborted) this.failedRequests += 1
      throw error
    }
  }

  stats(): ServiceStats {
    const { requests, failedRequests, pool } = this
    const { queueDepth, busyWorkers } = pool
    return { requests, failedRequests, queueDepth, busyWorkers }
  }

  /** Mean |actual / target - 1| of the last inferences, percent; undefined when speed is not emulated. */
  get dilationErrorPercent(): number | undefined {
    return this.pool.dilationErrorPercent
  }

  /** Takes no more requests, answers those it has, then releases the models. */
  async close(): Promise<void> {
    await this.pool.close()
    await Promise.all([...this.backends.values()].map((backend) => backend.unload()))
  }

  private backend(variant: string): Backend {
    const backend = this.backends.get(variant)
    if (backend !== undefined) return backend
    throw new NotFoundError(
      `there is no variant "${variant}"; this node serves ${this.variants.join(', ')}`,
    )
  }
}

function isCallersFault(error: unknown): boolean {
  return error instanceof TierwiseError && error.status >= 400 && error.status < 500
}
