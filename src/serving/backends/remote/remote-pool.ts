import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { quantile } from 'simple-statistics'
import { ConfigError, messageOf, UnavailableError } from '../../../errors.ts'
import { elementBytes, elementCount } from '../../../protocol/datatypes.ts'
import type { InferRequest } from '../../../protocol/messages.ts'
import type { InferencePool } from '../backend.ts'
import type { ServiceTimesMs } from '../worker-messages.ts'
import { connectServer } from './connect-server.ts'
import { GuardedServer } from './guarded-server.ts'
import type { ModelOnServer, ServerLimits } from './model-server.ts'
import { RemoteBackend } from './remote-backend.ts'
import type { ExpectedSignature } from './told-signature.ts'

/** A variant, and where another server has it. */
export interface PlacedVariant {
  readonly variant: string
  readonly place: ModelOnServer
}

/** Which variants, and how much is asked of their servers at once. */
export interface RemotePoolOptions {
  readonly models: readonly PlacedVariant[]
  readonly expected: ExpectedSignature
  readonly limits: ServerLimits
  readonly logger?: Pick<Logger, 'info' | 'warn'> | undefined
}

const WARM_UP_RUNS = 2
const MEASURING_RUNS = 7
/** Of the times measured, that which this share stays within, as in a worker: what nothing else disturbed. */
const UNDISTURBED_SHARE = 0.25
const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 5000
/** The length that stands before each BYTES element; of an empty one it is all there is. */
const EMPTY_ELEMENT_BYTES = 4

/** Variants that other servers serve, several requests at once. A server that is away is waited for. */
export class RemotePool implements InferencePool {
  onStarted: () => void = () => {}
  onNoneLeft: (reason: UnavailableError) => void = () => {}
  readonly dilationErrorPercent = undefined
  readonly operators = undefined
  readonly backends: ReadonlyMap<string, RemoteBackend>
  private readonly options: RemotePoolOptions
  private readonly servers: readonly GuardedServer[]
  private readonly closing = new AbortController()
  private measuredMs: ServiceTimesMs = {}
  private isOpen = false
  private starting: Promise<void> | undefined

  /** @throws ConfigError for a token or certificate that cannot be had */
  constructor(options: RemotePoolOptions) {
    this.options = options
    const backends = new Map<string, RemoteBackend>()
    this.servers = byServer(options.models).map((models) => this.serverOf(models, backends))
    this.backends = backends
  }

  /**
   * Waits until every server answers, holds what it tells against the catalogue, and measures every variant through it.
   * @throws ConfigError for a model that is not there, or is not as the catalogue says
   */
  start(): Promise<void> {
    this.starting ??= this.startAll()
    return this.starting
  }

  get ready(): boolean {
    return this.isOpen && this.servers.every(({ up }) => up)
  }

  get hasFreeWorker(): boolean {
    return this.ready && this.busyWorkers < this.options.limits.concurrency
  }

  get busyWorkers(): number {
    return this.servers.reduce((running, server) => running + server.running, 0)
  }

  get serviceTimesMs(): ServiceTimesMs {
    return this.measuredMs
  }

  async close(): Promise<void> {
    this.isOpen = false
    this.closing.abort()
    await Promise.all(this.servers.map((server) => server.close()))
    await this.starting?.catch(() => undefined)
  }

  private serverOf(
    models: readonly [PlacedVariant, ...PlacedVariant[]],
    backends: Map<string, RemoteBackend>,
  ): GuardedServer {
    const { expected, limits, logger } = this.options
    const own = models.map(({ variant, place }) => ({ variant, ...place }))
    const reloadAll = async () => {
      for (const { variant } of own) await backends.get(variant)?.reload(this.closing.signal)
    }
    const server = new GuardedServer(connectServer(models[0].place, limits), {
      models: own,
      onDown: (reason) => {
        logger?.warn(`models: ${reason.message}; asking again until it is ready`)
        if (this.isOpen) this.onNoneLeft(reason)
      },
      check: reloadAll,
      onUp: () => {
        logger?.info(`models: ${server.url} serves again`)
        this.onStarted()
      },
    })
    for (const model of own) {
      backends.set(model.variant, new RemoteBackend(server, { ...model, expected }))
    }
    return server
  }

  private async startAll(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    for (;;) {
      try {
        for (const backend of this.backends.values()) await backend.reload(this.closing.signal)
        this.measuredMs = await this.measure()
        break
      } catch (error) {
        if (error instanceof ConfigError || this.closing.signal.aborted) throw error
        this.options.logger?.warn(
          `models: not ready yet: ${messageOf(error)}; trying again in ${retryMs / 1000} s`,
        )
        await pause(retryMs, this.closing.signal)
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)
      }
    }
    for (const server of this.servers) server.watch()
    this.isOpen = true
  }

  /** Variant → time of one inference alone, on zeros, the way there and back included. */
  private async measure(): Promise<ServiceTimesMs> {
    const timesMs = new Map([...this.backends.keys()].map((name) => [name, [] as number[]]))
    for (let run = -WARM_UP_RUNS; run < MEASURING_RUNS; run++) {
      // All variants in turn, so that a busy moment of the server meets them all alike.
      for (const [variant, backend] of this.backends) {
        const { computeMs } = await backend.infer(this.zeros(), this.closing.signal)
        if (run >= 0) timesMs.get(variant)?.push(computeMs)
      }
    }
    return Object.fromEntries(
      [...timesMs].map(([variant, times]) => [variant, quantile(times, UNDISTURBED_SHARE)]),
    )
  }

  private zeros(): InferRequest {
    const { input, output } = this.options.expected
    const bytes = input.datatype === 'BYTES' ? EMPTY_ELEMENT_BYTES : elementBytes(input.datatype)
    const data = new Uint8Array(elementCount(input.shape) * bytes)
    return { inputs: [{ ...input, data }], outputs: [{ name: output.name }] }
  }
}

/** One list for each server that is reached alike. */
function byServer(models: readonly PlacedVariant[]): [PlacedVariant, ...PlacedVariant[]][] {
  const groups = new Map<string, [PlacedVariant, ...PlacedVariant[]]>()
  for (const model of models) {
    const { url, tokenFrom, ca } = model.place
    const key = JSON.stringify([url, tokenFrom, ca])
    const group = groups.get(key)
    if (group) group.push(model)
    else groups.set(key, [model])
  }
  return [...groups.values()]
}

/** @throws UnavailableError when it is cut short */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new UnavailableError('the node is closing', { cause })
  })
}
