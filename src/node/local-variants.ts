import { median } from 'simple-statistics'
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { DeadlineError, OverloadedError } from '../errors.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { InferResponse } from '../protocol/messages.ts'
import type { IntelligentService } from '../serving/intelligent-service.ts'
import { type ServedInference, USUAL_PRIORITY } from '../serving/request-scheduler.ts'
import { pastSpan } from '../tracing.ts'
import { InferenceStatistics } from './inference-statistics.ts'
import type { Pictures } from './pictures.ts'
import {
  announcedDeadlineMs,
  goalAccuracyPercent,
  type RequestTermsReader,
  unknownParameters,
} from './request-terms.ts'

/** An answer, and where its time went. */
export interface LocalAnswer extends Pick<ServedInference, 'queueMs' | 'computeMs'> {
  readonly content: InferResponse
  /** Of the request's deadline; absent: it has none. */
  readonly leftMs?: number
}

const keptPerVariant = 15
/** A service that takes so many times as long as was told, or told so many times too long, is told anew: more than neighbours on a machine do to it. */
const DRIFT = 1.5

type Service = Pick<IntelligentService, 'admit' | 'infer' | 'variants' | 'serviceTimesMs'>

/** What the node, rather than the request, says about serving it. */
export interface ServingBounds {
  /** Of its deadline, already gone. */
  readonly spentMs: number
  /** What the fleet's accuracy goal leaves room for; 0 where there is none. */
  readonly goalAccuracyPercent: number
}

/** The variants on this node, as answers of the protocol, and how fast each has been of late. */
export class LocalVariants {
  private readonly service: Service
  private readonly terms: RequestTermsReader
  private readonly pictures: Pick<Pictures, 'prepare'>
  /** Of requests that came as far as the queue. */
  readonly statistics = new InferenceStatistics()
  /** Requests since the start: `late` of those served, `refused` for want of time or room. */
  readonly admitted = { served: 0, late: 0, refused: 0 }
  private readonly latestMs = new Map<string, number[]>()
  /** Where it is no longer what the warm-up measured. */
  private readonly driftedMs = new Map<string, number>()

  constructor(service: Service, terms: RequestTermsReader, pictures: Pick<Pictures, 'prepare'>) {
    this.service = service
    this.terms = terms
    this.pictures = pictures
  }

  /**
   * Serves as asked; a request with a deadline, by this variant or a smaller one: `content.model_name` tells.
   * @throws TierwiseError of a malformed request, or of a service that is overloaded
   */
  async infer(asked: string, call: InferCall, bounds: ServingBounds): Promise<LocalAnswer> {
    try {
      const answer = await this.serve(asked, call, bounds)
      this.admitted.served += 1
      if (answer.leftMs !== undefined && answer.leftMs < 0) this.admitted.late += 1
      return answer
    } catch (error) {
      this.noteRefusal(error)
      throw error
    }
  }

  private async serve(
    asked: string,
    call: InferCall,
    { spentMs, goalAccuracyPercent }: ServingBounds,
  ): Promise<LocalAnswer> {
    const startMs = performance.now()
    const asSent = await call.decode()
    const wanted = this.terms.read(asSent.parameters, call.headers)
    const untilMs = wanted ? wanted.deadlineMs - spentMs : Infinity
    const readMs = performance.now()
    const request = await this.pictures.prepare(asSent, call.signal, untilMs)
    const pictureMs = request === asSent ? 0 : performance.now() - readMs
    const goneMs = spentMs + performance.now() - startMs
    const terms = wanted && {
      ...wanted,
      deadlineMs: wanted.deadlineMs - goneMs,
      goalAccuracyPercent,
    }
    const { signal } = call
    const begunMs = performance.now()
    const { variant, outputs, computeMs, batch, ...waited } = await this.service
      .infer(asked, { ...request, call }, { terms, signal })
      .catch((error: unknown) => {
        this.statistics.failed(asked, performance.now() - startMs)
        throw error
      })
    this.note(variant, computeMs)
    tellSpans(call, { variant, computeMs, queueMs: waited.queueMs })
    const queueMs = waited.queueMs + pictureMs
    this.statistics.served(variant, queueMs, computeMs, batch)
    const { id } = request
    const unknown = unknownParameters(asSent)
    const content = {
      model_name: variant,
      model_version: '1',
      ...(id !== undefined && { id }),
      ...(unknown && { parameters: unknown }),
      outputs,
    }
    const leftMs = terms && terms.deadlineMs - (performance.now() - begunMs)
    return { content, queueMs, computeMs, ...(leftMs !== undefined && { leftMs }) }
  }

  /**
   * Refuses by its headers what is about to come and could not be in time.
   * @throws DeadlineError; InvalidInputError for headers that say nothing sensible
   */
  admit(asked: string, headers: InferCall['headers']): void {
    const deadlineMs = announcedDeadlineMs(headers)
    if (deadlineMs === undefined) return
    const terms = { deadlineMs, priority: USUAL_PRIORITY, minAccuracyPercent: 0 }
    try {
      this.service.admit(asked, { ...terms, goalAccuracyPercent: goalAccuracyPercent(headers) })
    } catch (error) {
      this.noteRefusal(error)
      throw error
    }
  }

  /** Median compute time of the latest inferences; undefined until the variant has served. */
  medianMs(variant: string): number | undefined {
    const latest = this.latestMs.get(variant)
    return latest && median(latest)
  }

  /** What this node tells of its variants: their times as measured at warm-up, or of late where they have drifted since. */
  told(): LiveTelemetry['variants'] {
    return this.service.variants.map((name) => {
      const serviceTimeMs = this.serviceTimeMs(name)
      return { name, ...(serviceTimeMs !== undefined && { serviceTimeMs }) }
    })
  }

  private serviceTimeMs(variant: string): number | undefined {
    const toldMs = this.driftedMs.get(variant) ?? this.service.serviceTimesMs[variant]
    const latest = this.latestMs.get(variant) ?? []
    if (toldMs === undefined || latest.length < keptPerVariant) return toldMs
    const nowMs = median(latest)
    if (nowMs <= toldMs * DRIFT && toldMs <= nowMs * DRIFT) return toldMs
    this.driftedMs.set(variant, nowMs)
    return nowMs
  }

  private noteRefusal(error: unknown): void {
    const isRefused = error instanceof DeadlineError || error instanceof OverloadedError
    if (isRefused) this.admitted.refused += 1
  }

  private note(variant: string, computeMs: number): void {
    const latest = this.latestMs.get(variant)
    if (latest === undefined) this.latestMs.set(variant, [computeMs])
    else if (latest.push(computeMs) > keptPerVariant) latest.shift()
  }
}

/** Where an inference that is over spent its time. */
function tellSpans(
  { trace }: InferCall,
  { variant, queueMs, computeMs }: Pick<ServedInference, 'variant' | 'queueMs' | 'computeMs'>,
): void {
  const toMs = performance.now()
  const startedMs = toMs - computeMs
  pastSpan('queue', trace, { fromMs: startedMs - queueMs, toMs: startedMs })
  pastSpan('infer', trace, { fromMs: startedMs, toMs, 'tierwise.variant': variant })
}
