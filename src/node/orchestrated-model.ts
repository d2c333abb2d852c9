/** The logical model of a device: each request is served where, and by the variant that, its decision says. */
import type { Clock } from '../clock.ts'
import type { AnswerReport, DeviceDecision } from '../control/messages.ts'
import type { Placement } from '../fleet/placement.ts'
import type { InferCall, InferReply } from '../protocol/inference-handler.ts'
import type { Catalogue } from '../serving/catalogue.ts'
import { decidedHeaders, type TimeParts } from './answer-headers.ts'
import { isClientsFault } from './clients-fault.ts'
import type { DecisionSource } from './decision-source.ts'
import type { LocalVariants } from './local-variants.ts'
import type { TierLink } from './tier-link.ts'
import { fallbackVariant } from './variant-choice.ts'

export interface OrchestratedModelOptions {
  readonly catalogue: Catalogue
  readonly local: LocalVariants
  readonly links: { readonly edge?: TierLink; readonly cloud?: TierLink }
  readonly decisions: DecisionSource
  /** What one request may wait for other nodes in all; then it is served here. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
  /** Called once the answer is on its way. */
  readonly observe: (observation: AnswerReport) => void
}

/** Where the answer is from, and what it cost apart from this node's own work. */
interface Service extends Omit<TimeParts, 'responseTimeMs'> {
  readonly placement: Placement
  readonly content: InferReply['content']
}

const noTime = { queueMs: 0, computeMs: 0, networkMs: 0 }

export class OrchestratedModel {
  private readonly options: OrchestratedModelOptions
  private readonly accuracyPercent: ReadonlyMap<string, number>

  constructor(options: OrchestratedModelOptions) {
    this.options = options
    this.accuracyPercent = new Map(
      options.catalogue.variants.map(({ name, accuracyPercent }) => [name, accuracyPercent]),
    )
  }

  /** @throws TierwiseError of the variant or tier that served; a tier that fails is not an error but a fallback */
  async infer(call: InferCall): Promise<InferReply> {
    const { clock, decisions, requestTimeoutMs } = this.options
    const startMs = clock.nowMs()
    const asked = decisions.forRequest(requestTimeoutMs)
    const decision = asked instanceof Promise ? await asked : asked
    const decisionMs = clock.nowMs() - startMs
    const report = (service: Omit<Service, 'content'>, failed: boolean) => {
      const served = this.servedPart(service, clock.nowMs() - startMs)
      this.observeLater(decision, served, decisionMs, failed)
      return served
    }
    try {
      const service = await this.serve(call, decision, startMs)
      const served = report(service, false)
      const headers = decidedHeaders(served, decision.placement, decision.round)
      return { content: service.content, headers }
    } catch (error) {
      if (!isClientsFault(error, call)) {
        report({ placement: decision.placement, ...noTime }, true)
      }
      throw error
    }
  }

  private async serve(
    call: InferCall,
    { placement, fallbackAccuracyPercent }: DeviceDecision,
    startMs: number,
  ): Promise<Service> {
    const { catalogue, clock, links, local, requestTimeoutMs } = this.options
    const here = async (variant: string, networkMs: number): Promise<Service> => {
      const spentMs = clock.nowMs() - startMs
      const bounds = { spentMs, goalAccuracyPercent: fallbackAccuracyPercent }
      const { content, queueMs, computeMs } = await local.infer(variant, call, bounds)
      const served: Placement = { tier: 'end', variant: content.model_name }
      return { placement: served, content, queueMs, computeMs, networkMs }
    }
    if (placement.tier === 'end') return here(placement.variant, 0)
    const link = links[placement.tier]
    const leftAtMs = clock.nowMs()
    const timeoutMs = startMs + requestTimeoutMs - leftAtMs
    const answer = link?.up
      ? await link.forward(placement.variant, call, timeoutMs, fallbackAccuracyPercent)
      : undefined
    const awayMs = clock.nowMs() - leftAtMs
    if (answer === undefined) {
      const { name } = fallbackVariant(catalogue, fallbackAccuracyPercent, (variant) =>
        local.medianMs(variant),
      )
      return here(name, awayMs)
    }
    const { content, queueMs, computeMs } = answer
    const variant = this.accuracyPercent.has(answer.variant ?? '') ? answer.variant : undefined
    const networkMs = Math.max(0, awayMs - queueMs - computeMs)
    const served = { tier: placement.tier, variant: variant ?? placement.variant }
    return { placement: served, content, queueMs, computeMs, networkMs }
  }

  private servedPart(service: Omit<Service, 'content'>, responseTimeMs: number) {
    const { placement, queueMs, computeMs, networkMs } = service
    const accuracyPercent = this.accuracyPercent.get(placement.variant) ?? 0
    return { placement, accuracyPercent, responseTimeMs, queueMs, computeMs, networkMs }
  }

  /** After this turn of the event loop, so that the answer leaves first. */
  private observeLater(
    { session, round, device, placement: decided }: DeviceDecision,
    served: ReturnType<OrchestratedModel['servedPart']>,
    decisionMs: number,
    failed: boolean,
  ): void {
    const { placement, ...measured } = served
    const observation = {
      device,
      session,
      round,
      decided,
      served: placement,
      ...measured,
      decisionMs,
      failed,
    }
    setImmediate(() => this.options.observe(observation))
  }
}
