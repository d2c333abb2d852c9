import type { Logger } from 'pino'
import type { ClientTls } from '../client-tls.ts'
import type { Clock } from '../clock.ts'
import { DeadlineError, messageOf } from '../errors.ts'
import { InferenceClient } from '../protocol/client.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { WireBody } from '../protocol/messages.ts'
import { reportedTimes, reportedVariant } from './answer-headers.ts'
import { isClientsFault } from './clients-fault.ts'
import { GOAL_ACCURACY_HEADER } from './request-terms.ts'
import { TierHealth } from './tier-health.ts'

/** The node above, and how long to wait for it. */
export interface TierLinkOptions {
  /** Base URL of the node above. */
  readonly url: string
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly tls?: ClientTls | undefined
}

/** Another node's answer, as it came, and where its time went over there. */
export interface RemoteAnswer {
  readonly content: WireBody
  /** That served, as the node says; absent when it does not. */
  readonly variant?: string
  readonly queueMs: number
  readonly computeMs: number
}

/** Requests in flight on one link; more wait for a connection. */
const connections = 64
/** Smaller exchanges measure the delay rather than the bandwidth. */
const bandwidthSampleBytes = 64 * 1024

/** The way from this node to one above it: forwards requests, and knows whether trying is worth while. */
export class TierLink {
  private readonly options: TierLinkOptions
  private readonly client: InferenceClient
  private readonly health: TierHealth
  private bandwidthMbps: number | undefined

  constructor(options: TierLinkOptions) {
    this.options = options
    const { timeoutMs, tls, url } = options
    this.client = new InferenceClient(url, { timeoutMs, connections, tls })
    this.health = new TierHealth(() => this.client.ready())
  }

  /** False from a failure until the tier says that it is ready again. */
  get up(): boolean {
    return this.health.up
  }

  /**
   * Passes the request's body on untouched.
   * @param goalAccuracyPercent what the accuracy goal leaves room for, should a smaller variant serve
   * @returns undefined when the tier gave no answer in time, refused, or failed (5xx); it is down then, unless it only
   *   dropped the request for its deadline
   * @throws TierwiseError with the 4xx that the tier answered, or why the caller's client went away
   */
  async forward(
    variant: string,
    call: InferCall,
    timeoutMs: number,
    goalAccuracyPercent: number,
  ): Promise<RemoteAnswer | undefined> {
    if (timeoutMs <= 0) return undefined
    const { clock, logger, url } = this.options
    const signal =
      timeoutMs < this.options.timeoutMs
        ? AbortSignal.any([call.signal, AbortSignal.timeout(Math.ceil(timeoutMs))])
        : call.signal
    try {
      const sentMs = clock.nowMs()
      const goal = { [GOAL_ACCURACY_HEADER]: String(goalAccuracyPercent) }
      const { wire, headers } = await this.client.forward(variant, call.wire, goal, signal)
      const there = reportedTimes(headers)
      const served = reportedVariant(headers)
      const networkMs = clock.nowMs() - sentMs - there.queueMs - there.computeMs
      this.noteBandwidth(call.wire.body.byteLength + wire.body.byteLength, networkMs)
      return { content: wire, ...there, ...(served !== undefined && { variant: served }) }
    } catch (error) {
      if (isClientsFault(error, call)) throw error
      if (error instanceof DeadlineError) return undefined
      this.health.markDown()
      logger.warn({ url, reason: messageOf(error) }, 'a tier does not answer: serving here')
      return undefined
    }
  }

  /** What the newest large request got through the link since the last call, delay included; undefined without one. */
  takeBandwidthMbps(): number | undefined {
    const mbps = this.bandwidthMbps
    this.bandwidthMbps = undefined
    return mbps
  }

  private noteBandwidth(bytes: number, networkMs: number): void {
    if (bytes < bandwidthSampleBytes || networkMs <= 0) return
    this.bandwidthMbps = (bytes * 8) / 1e3 / networkMs
  }

  async close(): Promise<void> {
    this.health.close()
    await this.client.close()
  }
}
