import type { Logger } from 'pino'
import type { ClientTls } from '../client-tls.ts'
import type { Clock } from '../clock.ts'
import type { AnswerReport, DeviceDecision, OrchestratorNews } from '../control/messages.ts'
import { ConfigError, messageOf, type TierwiseError, UnavailableError } from '../errors.ts'
import { mostAccurate } from '../fleet/choice.ts'
import { hundredthsOf, meetsGoal } from '../fleet/goal.ts'
import type { Placement } from '../fleet/placement.ts'
import type { InferCall, InferReply } from '../protocol/inference-handler.ts'
import { Random } from '../random.ts'
import type { Catalogue, Variant } from '../serving/models/catalogue.ts'
import { inSpan, toldTrace } from '../tracing.ts'
import { AccuracyWatch } from './accuracy-watch.ts'
import { decidedHeaders, type Served } from './answer-headers.ts'
import type { DeviceMeasured } from './answer-metrics.ts'
import { Auditor } from './auditor.ts'
import { isClientsFault } from './clients-fault.ts'
import { DecisionInForce } from './decision-in-force.ts'
import { DecisionClient } from './decision-route.ts'
import type { Upstream } from './emulated-links.ts'
import { Escalation } from './escalation.ts'
import { Floor } from './floor.ts'
import { DeviceInService } from './in-service.ts'
import { LabelledAnswers } from './labelled-answers.ts'
import type { LocalVariants } from './local-variants.ts'
import type { DecidedRequest, Service } from './service.ts'
import { TierLink, type TierLinkOptions } from './tier-link.ts'
import { type TierLinks, TiersAbove } from './tiers-above.ts'

/** What serves here, what lies above, and who decides. */
export interface DeviceModelOptions {
  readonly catalogue: Catalogue
  /** The part of the catalogue that the device serves by itself; what it lacks altogether others serve. */
  readonly held: Catalogue
  readonly decisions: Pick<DecisionInForce, 'forRequest' | 'accept' | 'announce' | 'close'>
  readonly local: Pick<LocalVariants, 'infer' | 'medianMs'>
  readonly links: TierLinks
  /** What one request may wait for other nodes in all; then it is served here, if it can be. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Called once the answer is on its way. */
  readonly observe: (observation: AnswerReport) => void
  /** No request is served below it; absent: there is none. */
  readonly floorPercent?: number
  /** What its requests are to reach on average; absent: the fleet's goal alone counts. */
  readonly goalPercent?: number
  /** Of sure answers, the share that the larger variant is asked about once they have left. In [0, 1]. */
  readonly auditShare: number
  /** Whether this node has nothing better to do. */
  readonly isIdle: () => boolean
  /** Told when the accuracy comes to be in doubt, and when it no longer is. */
  readonly onDoubt: () => void
  /** Told of every answer whose label came. */
  readonly onLabelled: (decision: DeviceDecision, isRight: boolean) => void
}

const noTime = { queueMs: 0, computeMs: 0, networkMs: 0 }

/**
 * The logical model of a device: each request is served where, and by the variant that, its decision says. `DeviceModel` reads
 * from top to bottom: the decision in force, here or forward, fall back, report. What is unsure goes on in `escalation.ts`.
 */
export class DeviceModel {
  private readonly options: DeviceModelOptions
  private readonly accuracyPercent: ReadonlyMap<string, number>
  private readonly above: TiersAbove
  private readonly escalation: Escalation
  /** Of the variants that it holds, those that may serve alone. */
  private readonly allowed: Pick<Catalogue, 'variants'>
  readonly floor: Floor
  /** How the answers turn out. */
  readonly inService: DeviceInService

  constructor(options: DeviceModelOptions) {
    const { catalogue, held } = options
    this.options = options
    this.floor = new Floor(options)
    const { floor } = this
    this.allowed = { variants: held.variants.filter(({ name }) => floor.allows(name)) }
    this.accuracyPercent = new Map(
      catalogue.variants.map(({ name, accuracyPercent }) => [name, accuracyPercent]),
    )
    const variants = new Set(this.accuracyPercent.keys())
    this.above = new TiersAbove({ ...options, variants, floor })
    const { above } = this
    this.escalation = new Escalation({ ...options, above })
    const watch = new AccuracyWatch(options.clock, options.onDoubt)
    const { auditShare: share } = options
    this.inService = new DeviceInService({
      watch,
      auditor: new Auditor({ ...options, above, watch, share, random: new Random(1) }),
      labels: new LabelledAnswers(catalogue),
      escalations: this.escalation.counts,
      onLabelled: options.onLabelled,
    })
  }

  /** How its requests fare. */
  get measured(): DeviceMeasured {
    return {
      escalations: this.escalation.counts,
      accuracy: this.inService.report,
      tiersUp: this.above.up,
      floorPercent: this.floor.percent,
      goalPercent: this.options.goalPercent ?? 0,
    }
  }

  /** @throws TierwiseError of the variant or tier that served; a tier that fails is not an error but a fallback */
  async infer(call: InferCall): Promise<InferReply> {
    const { clock, decisions, requestTimeoutMs } = this.options
    const startMs = clock.nowMs()
    const decided = await inSpan('decide', call.trace, () => decisions.forRequest(requestTimeoutMs))
    const decision = this.floor.under(decided)
    const decisionMs = clock.nowMs() - startMs
    const request = { call, decision, startMs, refusals: [] }
    try {
      const service = await this.answer(request)
      const served = this.served(service, startMs)
      this.report(request, served, { decisionMs, failed: false })
      setImmediate(() => this.inService.answered(request, service))
      return { content: service.content, headers: decidedHeaders(served, decision) }
    } catch (error) {
      if (!isClientsFault(error, call)) {
        const served = this.served({ placement: decision.placement, ...noTime }, startMs)
        this.report(request, served, { decisionMs, failed: true })
      }
      throw error
    }
  }

  /** As decided, unless that is below the floor, or came to be. */
  private async answer(request: DecidedRequest): Promise<Service> {
    const { decision } = request
    const nowhere = { ...decision.placement, tier: 'end' } as const
    if (!this.floor.obeys(decision)) return this.fallBack(request, nowhere, 0)
    const first = await this.serve(request, await this.escalation.firstOf(request))
    const service = await this.escalation.settle(request, first)
    if (this.floor.keeps(service)) return service
    return this.fallBack(request, service.placement, service.networkMs)
  }

  private async serve(request: DecidedRequest, placement: Placement): Promise<Service> {
    if (placement.tier === 'end') return this.here(request, placement.variant, 0)
    const { clock } = this.options
    const leftAtMs = clock.nowMs()
    const forwarded = await this.above.serve(placement, request)
    const awayMs = clock.nowMs() - leftAtMs
    return forwarded ? withNetwork(forwarded, awayMs) : this.fallBack(request, placement, awayMs)
  }

  /** @param networkMs waited in vain for another node */
  private async here(
    { call, decision, startMs }: DecidedRequest,
    variant: string,
    networkMs: number,
  ): Promise<Service> {
    const { clock, local } = this.options
    const answer = await local.infer(variant, call, {
      spentMs: clock.nowMs() - startMs + (call.receivingMs ?? 0),
      goalAccuracyPercent: decision.fallbackAccuracyPercent,
    })
    const placement = { tier: 'end', variant: answer.content.model_name } as const
    return { ...answer, placement, networkMs }
  }

  /** @param asked in vain; at the device itself: no tier above was */
  private fallBack(request: DecidedRequest, asked: Placement, awayMs: number): Promise<Service> {
    const { allowed, options } = this
    const { fallbackAccuracyPercent } = request.decision
    if (allowed.variants.length === 0) return this.elsewhere(request, asked)
    const medianMs = (variant: string) => options.local.medianMs(variant)
    const { name } = fallbackVariant(allowed, fallbackAccuracyPercent, medianMs)
    return this.here(request, name, awayMs)
  }

  /** By another tier. @throws why the tiers refused, the one with room first; UnavailableError where none answers */
  private async elsewhere(request: DecidedRequest, asked: Placement): Promise<Service> {
    const { catalogue, clock } = this.options
    const best = mostAccurate(catalogue.variants).name
    const variant = this.floor.allows(asked.variant) ? asked.variant : best
    for (const tier of ['edge', 'cloud'] as const) {
      if (tier === asked.tier) continue
      const forwarded = await this.above.serve({ tier, variant }, request)
      if (forwarded) return withNetwork(forwarded, clock.nowMs() - request.startMs)
    }
    const [refusal] = (request.refusals ?? []).toSorted((a, b) => afterMs(a) - afterMs(b))
    if (refusal) throw refusal
    const { device } = request.decision
    throw new UnavailableError(
      `neither edge nor cloud answers, and ${device} holds no variant${this.floor.text}: try again, or let it hold one`,
    )
  }

  private served(service: Omit<Service, 'content'>, startMs: number): Served {
    const { placement, queueMs, computeMs, networkMs, judged } = service
    const own = this.accuracyPercent.get(placement.variant) ?? 0
    const accuracyPercent = judged?.accuracyPercent ?? own
    const responseTimeMs = this.options.clock.nowMs() - startMs
    const times = { responseTimeMs, queueMs, computeMs, networkMs }
    return { placement, accuracyPercent, ...times, ...(judged && { judged }) }
  }

  /** After this turn of the event loop, so that the answer leaves first. */
  private report(
    { call, decision: { session, round, device, placement: decided } }: DecidedRequest,
    { placement, judged, ...measured }: Served,
    outcome: Pick<AnswerReport, 'decisionMs' | 'failed'>,
  ): void {
    const decision = { device, session, round, decided }
    const escalation = judged && {
      escalated: judged.escalated,
      margin: judged.margin,
      firstMs: judged.firstMs,
    }
    const observation = { ...decision, served: placement, ...measured, ...outcome }
    const { traceparent } = toldTrace(call.trace)
    const trace = traceparent !== undefined && { traceparent }
    setImmediate(() =>
      this.options.observe({ ...observation, ...(escalation && { escalation }), ...trace }),
    )
  }

  /** Takes a pushed decision; one that cannot be followed is logged and dropped. */
  accept(decision: DeviceDecision): void {
    this.unlessWrong(() => this.options.decisions.accept(decision))
  }

  /** An orchestrator says that it decides. */
  announce(by: OrchestratorNews): void {
    this.unlessWrong(() => this.options.decisions.announce(by))
  }

  private unlessWrong(take: () => void): void {
    const { logger } = this.options
    try {
      take()
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'dropped a decision')
    }
  }

  /** To the node above, from the device's own traffic since the last call. */
  bandwidthMbps(): number | undefined {
    return this.above.bandwidthMbps()
  }

  async close(): Promise<void> {
    await this.above.close()
    await this.options.decisions.close()
  }
}

/** On the network is what of its time away no node worked on it. */
function withNetwork(forwarded: Omit<Service, 'networkMs'>, awayMs: number): Service {
  const { queueMs, computeMs } = forwarded
  return { ...forwarded, networkMs: Math.max(0, awayMs - queueMs - computeMs) }
}

function afterMs({ retryAfterMs }: TierwiseError): number {
  return retryAfterMs ?? Infinity
}

/**
 * The fastest local variant that keeps the fleet's average accuracy at its goal.
 * Variants not measured yet count as slower than measured ones, and among themselves as slower the more accurate
 * they are (in Table III of the HL paper fewer multiply-accumulates mean less accuracy).
 * @param leastAccuracyPercent of the decision; when no variant reaches it, the most accurate is chosen
 * @param medianMs measured time of a variant on this node
 */
export function fallbackVariant(
  catalogue: Pick<Catalogue, 'variants'>,
  leastAccuracyPercent: number,
  medianMs: (variant: string) => number | undefined,
): Variant {
  const timeMs = ({ name }: Variant) => medianMs(name) ?? Number.MAX_VALUE
  const [fastest] = catalogue.variants
    .filter((variant) => variant.accuracyPercent >= leastAccuracyPercent)
    .toSorted((a, b) => timeMs(a) - timeMs(b) || a.accuracyPercent - b.accuracyPercent)
  return fastest ?? mostAccurate(catalogue.variants)
}

/** Of `createDeviceModel`. */
export interface DeviceOptions extends Omit<DeviceModelOptions, 'decisions' | 'links'> {
  readonly name: string
  readonly mode: 'pushed' | 'consulted'
  readonly upstream: Upstream
  /** For the ways to the tiers above. */
  readonly tls?: ClientTls | undefined
  readonly pictures: TierLinkOptions['pictures']
}

/**
 * A device's model with its decisions and its links to the tiers above.
 * @throws ConfigError when decisions are to be consulted and there is nobody to ask, or it holds nothing and there is nobody to serve
 */
export function createDeviceModel(options: DeviceOptions): DeviceModel {
  const { name: device, mode, upstream, catalogue, held } = options
  const { requestTimeoutMs: timeoutMs, pictures, clock, logger, tls } = options
  const { edgeUrl, cloudUrl } = upstream
  const aboveUrl = edgeUrl ?? cloudUrl
  if (mode === 'consulted' && aboveUrl === undefined) {
    throw new ConfigError(
      `${device}: mode consulted needs edgeUrl or cloudUrl; give one or use pushed`,
    )
  }
  const isAsked = mode === 'consulted' && aboveUrl !== undefined
  const decisions = new DecisionInForce({
    device,
    catalogue,
    held,
    first: firstPlacement(options),
    probeTimeoutMs: timeoutMs,
    logger,
    ...(isAsked && { consult: new DecisionClient(aboveUrl, tls) }),
  })
  const linkTo = (url: string) => new TierLink({ url, timeoutMs, pictures, clock, logger, tls })
  const links = {
    ...(edgeUrl !== undefined && { edge: linkTo(edgeUrl) }),
    ...(cloudUrl !== undefined && { cloud: linkTo(cloudUrl) }),
  }
  return new DeviceModel({ ...options, decisions, links })
}

/** A device that may serve nothing and reaches nobody. */
export class NowhereToServeError extends ConfigError {
  /** What is wrong, without what to do: who has other names for the options says that itself. */
  readonly problem: string

  constructor(problem: string, remedy: string) {
    super(`${problem}: ${remedy}`)
    this.problem = problem
  }
}

/**
 * Here by the most accurate variant; where none may serve here, at the nearest tier above.
 * @throws ConfigError where there is no tier either, or a floor or a goal that no variant reaches
 */
function firstPlacement(options: DeviceOptions): Placement {
  const { name, catalogue, held, upstream } = options
  const floor = new Floor(options)
  const best = mostAccurate(catalogue.variants)
  for (const [setting, percent = 0] of [
    ['floor', options.floorPercent],
    ['deviceGoal', options.goalPercent],
  ] as const) {
    if (meetsGoal([best.accuracyPercent], percent)) continue
    throw new ConfigError(
      `${setting}: no variant of the catalogue has ${percent} %: give at most ${hundredthsOf(best.accuracyPercent) / 100}`,
    )
  }
  const own = held.variants.filter((variant) => floor.allows(variant.name))
  if (own.length > 0) return { tier: 'end', variant: mostAccurate(own).name }
  if (upstream.edgeUrl === undefined && upstream.cloudUrl === undefined) {
    throw new NowhereToServeError(
      `${name} holds no variant${floor.text}`,
      'give it some, or edgeUrl or cloudUrl',
    )
  }
  return { tier: upstream.edgeUrl === undefined ? 'cloud' : 'edge', variant: best.name }
}
