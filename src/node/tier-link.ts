/** The way from this node to one above it: forwards requests, and knows whether trying is worth while. */
import type { Logger } from 'pino'
import { messageOf, TierwiseError } from '../errors.ts'
import { InferenceClient } from '../protocol/client.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { WireBody } from '../protocol/messages.ts'
import { reportedTimes } from './answer-headers.ts'
import { TierHealth } from './tier-health.ts'

export interface TierLinkOptions {
  /** Base URL of the node above. */
  readonly url: string
  readonly timeoutMs: number
  readonly logger: Logger
}

/** Another node's answer, as it came, and where its time went over there. */
export interface RemoteAnswer {
  readonly content: WireBody
  readonly queueMs: number
  readonly computeMs: number
}

/** Requests in flight on one link; more wait for a connection. */
const connections = 64

export class TierLink {
  private readonly options: TierLinkOptions
  private readonly client: InferenceClient
  private readonly health: TierHealth

  constructor(options: TierLinkOptions) {
    this.options = options
    this.client = new InferenceClient(options.url, { timeoutMs: options.timeoutMs, connections })
    this.health = new TierHealth(() => this.client.ready())
  }

  /** False from a failure until the tier says that it is ready again. */
  get up(): boolean {
    return this.health.up
  }

  /**
   * Passes the request's body on untouched.
   * @returns undefined when the tier gave no answer in time, refused, or failed (5xx); it is down then
   * @throws TierwiseError with the 4xx that the tier answered, or why the caller's client went away
   */
  async forward(
    variant: string,
    call: InferCall,
    timeoutMs: number,
  ): Promise<RemoteAnswer | undefined> {
    if (timeoutMs <= 0) return undefined
    const signal =
      timeoutMs < this.options.timeoutMs
        ? AbortSignal.any([call.signal, AbortSignal.timeout(Math.ceil(timeoutMs))])
        : call.signal
    try {
      const { wire, headers } = await this.client.forward(variant, call.wire, {}, signal)
      return { content: wire, ...reportedTimes(headers) }
    } catch (error) {
      if (call.signal.aborted || (error instanceof TierwiseError && error.status < 500)) throw error
      this.health.markDown()
      const { logger, url } = this.options
      logger.warn({ url, reason: messageOf(error) }, 'a tier does not answer: serving here')
      return undefined
    }
  }

  async close(): Promise<void> {
    this.health.close()
    await this.client.close()
  }
}
