import CircuitBreaker from 'opossum'
import { messageOf, TierwiseError, UnavailableError } from '../../../errors.ts'
import type { ModelVersion } from '../../../protocol/client.ts'
import type { InferResponse, ModelMetadata } from '../../../protocol/messages.ts'
import type { ModelServer } from './model-server.ts'

/** What to look after, and who is told. */
export interface GuardOptions {
  /** All must be ready. */
  readonly models: readonly ModelVersion[]
  /** Told why nothing is asked of the server from now on, and again where another reason keeps it down. */
  readonly onDown: (reason: UnavailableError) => void
  /** Before it is asked again: what it serves may be other models now. Where this throws, it stays down. */
  readonly check: () => Promise<void>
  readonly onUp: () => void
}

type Asked = Parameters<ModelServer['infer']>

const BREAKER: CircuitBreaker.Options<Asked> = {
  // Every request has its own, see `ServerLimits`.
  timeout: false,
  volumeThreshold: 3,
  errorThresholdPercentage: 50,
  rollingCountTimeout: 5000,
  enableSnapshots: false,
  // A server that refuses one request is alive.
  errorFilter: (error: unknown) => error instanceof TierwiseError && error.status < 500,
}
const PROBE_GAP_MS = 1000
const PROBE_TIMEOUT_MS = 2000
/** A single one may have met a busy moment. */
const PROBES_IN_VAIN = 2
const MOST_TOLD_REASONS = 4

/**
 * A server that is not asked while it is down: requests that fail open a circuit, as do probes of its readiness, and only probes
 * close it.
 */
export class GuardedServer implements ModelServer {
  readonly url: string
  private readonly server: ModelServer
  private readonly options: GuardOptions
  private readonly breaker: CircuitBreaker<Asked, InferResponse>
  private readonly closing = new AbortController()
  private timer: NodeJS.Timeout | undefined
  private inVain = 0
  /** Inferences that it has been asked for. */
  running = 0
  private lastReason = 'it has not been asked yet'
  /** Since it is down: each is told once. */
  private readonly toldReasons = new Set<string>()

  constructor(server: ModelServer, options: GuardOptions) {
    this.url = server.url
    this.server = server
    this.options = options
    this.breaker = new CircuitBreaker((...asked: Asked) => server.infer(...asked), BREAKER)
    this.breaker.on('failure', (error: Error) => {
      this.lastReason = error.message
    })
    this.breaker.on('open', () => {
      this.toldReasons.clear()
      this.tellDown()
    })
  }

  get up(): boolean {
    return this.breaker.closed
  }

  /** Probes from now on, until `close`. */
  watch(): void {
    this.timer = setTimeout(() => void this.probe().finally(() => this.watchOn()), PROBE_GAP_MS)
  }

  modelReady(model: ModelVersion, signal?: AbortSignal): Promise<void> {
    return this.server.modelReady(model, signal)
  }

  modelMetadata(model: ModelVersion, signal?: AbortSignal): Promise<ModelMetadata> {
    return this.server.modelMetadata(model, signal)
  }

  async infer(...asked: Asked): Promise<InferResponse> {
    // Half open, it would let a request try what a probe is there for.
    if (!this.up) throw this.refusal()
    this.running += 1
    try {
      return await this.breaker.fire(...asked)
    } finally {
      this.running -= 1
    }
  }

  async close(): Promise<void> {
    this.closing.abort()
    clearTimeout(this.timer)
    this.breaker.shutdown()
    await this.server.close()
  }

  private watchOn(): void {
    if (!this.closing.signal.aborted) this.watch()
  }

  private async probe(): Promise<void> {
    const { models, check, onUp } = this.options
    const late = AbortSignal.timeout(PROBE_TIMEOUT_MS)
    const signal = AbortSignal.any([this.closing.signal, late])
    try {
      await Promise.all(models.map((model) => this.server.modelReady(model, signal)))
      this.inVain = 0
      if (this.up) return
      await check()
      this.breaker.close()
      onUp()
    } catch (error) {
      this.lastReason = late.aborted
        ? `it did not say that it is ready within ${PROBE_TIMEOUT_MS} ms`
        : messageOf(error)
      this.inVain += 1
      if (this.inVain >= PROBES_IN_VAIN && this.up) this.breaker.open()
      else if (!this.up && !this.closing.signal.aborted) this.tellDown()
    }
  }

  /** A server that words its reason anew each time is told of no more. */
  private tellDown(): void {
    if (this.toldReasons.size >= MOST_TOLD_REASONS || this.toldReasons.has(this.lastReason)) return
    this.toldReasons.add(this.lastReason)
    this.options.onDown(this.refusal())
  }

  private refusal(): UnavailableError {
    return new UnavailableError(`${this.url} is down: ${this.lastReason}`)
  }
}
