import type { Logger } from 'pino'
import type { ClientTls } from '../client-tls.ts'
import type { Clock } from '../clock.ts'
import { DeadlineError, messageOf, OverloadedError } from '../errors.ts'
import { InferenceClient } from '../protocol/client.ts'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import type { InferCall, InferReply } from '../protocol/inference-handler.ts'
import type { WireBody } from '../protocol/messages.ts'
import { IMAGE_EXTENSION } from '../protocol/picture-body.ts'
import { REQUEST_ID_HEADER } from '../protocol/request-id.ts'
import { TimeLimit } from '../protocol/time-limit.ts'
import { carriedTrace, inSpan, type TraceContext } from '../tracing.ts'
import { reportedLabel, reportedTimes, reportedVariant } from './answer-headers.ts'
import { isClientsFault } from './clients-fault.ts'
import type { Pictures } from './pictures.ts'
import { DEADLINE_HEADER, GOAL_ACCURACY_HEADER } from './request-terms.ts'
import { TierHealth } from './tier-health.ts'

/** The node above, and how long to wait for it. */
export interface TierLinkOptions {
  /** Base URL of the node above. */
  readonly url: string
  readonly timeoutMs: number
  /** Decodes what a tier that is no Tierwise node cannot. */
  readonly pictures: Pick<Pictures, 'prepare'>
  readonly clock: Clock
  readonly logger: Logger
  readonly tls?: ClientTls | undefined
}

/** Another node's answer, as it came if the request was passed on so, and where its time went over there. */
export interface RemoteAnswer {
  readonly content: InferReply['content']
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
  /** What the tier knows beyond the protocol; undefined until it was asked. */
  private extensions: readonly string[] | undefined

  constructor(options: TierLinkOptions) {
    this.options = options
    const { timeoutMs, tls, url } = options
    this.client = new InferenceClient(url, { timeoutMs, connections, tls })
    this.health = new TierHealth(() => this.client.ready())
  }

  /** False from a failure until the tier says that it is ready again, and while it has no room. */
  get up(): boolean {
    return this.health.up
  }

  /**
   * Passes the request's body on untouched: a picture encoded, unless the tier takes tensors only.
   * @param goalAccuracyPercent what the accuracy goal leaves room for, should a smaller variant serve
   * @param leftMs after which the answer is of no use to whoever asks
   * @returns undefined when the tier gave no answer in time, or failed (5xx); it is down then, unless `leftMs` was too short for it
   * @throws TierwiseError with the 4xx that the tier answered, or why the caller's client went away; DeadlineError or
   *   OverloadedError of a tier that has no room for it: it stays up, but is left alone for as long as it asks to be
   */
  async forward(
    variant: string,
    call: InferCall,
    timeoutMs: number,
    goalAccuracyPercent: number,
    leftMs = Infinity,
  ): Promise<RemoteAnswer | undefined> {
    const waitMs = Math.min(timeoutMs, leftMs)
    if (waitMs <= 0) return undefined
    const { clock, logger, url } = this.options
    const limit = new TimeLimit(call.signal, Math.min(waitMs, this.options.timeoutMs))
    try {
      const sentMs = clock.nowMs()
      const sent = await this.wireFor(call, limit.signal)
      const terms = {
        [GOAL_ACCURACY_HEADER]: String(goalAccuracyPercent),
        ...(leftMs < Infinity && { [DEADLINE_HEADER]: leftMs.toFixed(3) }),
      }
      const { wire, headers } = await inSpan(
        'network',
        call.trace,
        (within) => {
          const told = { ...terms, ...identityOf(call, within) }
          return this.client.forward(variant, sent, told, limit)
        },
        { kind: 'client', attributes: { 'server.address': url, 'tierwise.variant': variant } },
      )
      const there = reportedTimes(headers)
      const served = reportedVariant(headers)
      const networkMs = clock.nowMs() - sentMs - there.queueMs - there.computeMs
      this.noteBandwidth(sent.body.byteLength + wire.body.byteLength, networkMs)
      const label = reportedLabel(headers)
      const passedOn = label === undefined ? wire : { ...wire, label }
      const content = sent === call.wire ? passedOn : decodeInferResponse(wire)
      return { content, ...there, ...(served !== undefined && { variant: served }) }
    } catch (error) {
      if (isClientsFault(error, call)) throw error
      if (error instanceof DeadlineError) throw error
      if (error instanceof OverloadedError) {
        this.health.markBusy(error.retryAfterMs ?? 0)
        throw error
      }
      if (limit.isOver && leftMs < timeoutMs) return undefined
      this.health.markDown()
      this.extensions = undefined
      logger.warn({ url, reason: messageOf(error) }, 'a tier does not answer: serving here')
      return undefined
    } finally {
      limit.end()
    }
  }

  private async wireFor(call: InferCall, signal: AbortSignal): Promise<WireBody> {
    if (!call.wire.picture) return call.wire
    this.extensions ??= await this.client.extensions(signal)
    if (this.extensions.includes(IMAGE_EXTENSION)) return call.wire
    const tensors = await this.options.pictures.prepare(await call.decode(), signal)
    return encodeInferRequest(tensors, { binary: true })
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

/** One request keeps its id and its trace over all hops. */
function identityOf({ headers }: InferCall, within: TraceContext): Record<string, string> {
  const id = headers[REQUEST_ID_HEADER]
  return {
    ...(id !== undefined && { [REQUEST_ID_HEADER]: id }),
    ...carriedTrace(within, headers),
  }
}
