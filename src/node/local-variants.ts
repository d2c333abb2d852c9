/** The variants on this node, as answers of the protocol, and how fast each has been of late. */
import type { InferCall } from '../protocol/inference-handler.ts'
import type { InferRequest, InferResponse } from '../protocol/messages.ts'
import type { Inference } from '../serving/backend.ts'
import type { IntelligentService } from '../serving/intelligent-service.ts'
import type { RequestTermsReader } from './request-terms.ts'

export interface LocalAnswer extends Omit<Inference, 'outputs'> {
  readonly content: InferResponse
}

const keptPerVariant = 15

/** What the node, rather than the request, says about serving it. */
export interface ServingBounds {
  /** Of its deadline, already gone. */
  readonly spentMs: number
  /** What the fleet's accuracy goal leaves room for; 0 where there is none. */
  readonly goalAccuracyPercent: number
}

export class LocalVariants {
  private readonly service: Pick<IntelligentService, 'infer' | 'inferInTime'>
  private readonly terms: RequestTermsReader
  private readonly latestMs = new Map<string, number[]>()

  constructor(
    service: Pick<IntelligentService, 'infer' | 'inferInTime'>,
    terms: RequestTermsReader,
  ) {
    this.service = service
    this.terms = terms
  }

  /**
   * Serves as asked; a request with a deadline, by this variant or a smaller one: `content.model_name` tells.
   * @throws TierwiseError of a malformed request, or of a service that is overloaded
   */
  async infer(variant: string, call: InferCall, bounds: ServingBounds): Promise<LocalAnswer> {
    const startMs = performance.now()
    const request = call.decode()
    const asked = this.terms.read(request.parameters)
    if (asked === undefined) {
      const inference = await this.service.infer(variant, request, call.signal)
      return this.answer(variant, request, inference)
    }
    const { spentMs, goalAccuracyPercent } = bounds
    const deadlineMs = asked.deadlineMs - spentMs - (performance.now() - startMs)
    const terms = { ...asked, deadlineMs, goalAccuracyPercent }
    const served = await this.service.inferInTime(variant, request, terms, call.signal)
    return this.answer(served.variant, request, served)
  }

  private answer(variant: string, { id }: InferRequest, inference: Inference): LocalAnswer {
    const { outputs, queueMs, computeMs } = inference
    this.note(variant, computeMs)
    const content = {
      model_name: variant,
      model_version: '1',
      ...(id !== undefined && { id }),
      outputs,
    }
    return { content, queueMs, computeMs }
  }

  /** Median compute time of the latest inferences; undefined until the variant has served. */
  medianMs(variant: string): number | undefined {
    const latest = this.latestMs.get(variant)
    return latest?.toSorted((a, b) => a - b)[Math.floor(latest.length / 2)]
  }

  private note(variant: string, computeMs: number): void {
    const latest = this.latestMs.get(variant)
    if (latest === undefined) this.latestMs.set(variant, [computeMs])
    else if (latest.push(computeMs) > keptPerVariant) latest.shift()
  }
}
