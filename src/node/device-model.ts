import type { Logger } from 'pino'
import type { ClientTls } from '../client-tls.ts'
import type { Clock } from '../clock.ts'
import type { AnswerReport, DeviceDecision } from '../control/messages.ts'
import { ConfigError, messageOf, UnavailableError } from '../errors.ts'
import { mostAccurate } from '../fleet/choice.ts'
import type { Placement } from '../fleet/placement.ts'
import type { InferCall, InferReply } from '../protocol/inference-handler.ts'
import type { Catalogue, Variant } from '../serving/models/catalogue.ts'
import { decidedHeaders, type Served, type TimeParts } from './answer-headers.ts'
import { isClientsFault } from './clients-fault.ts'
import { DecisionInForce } from './decision-in-force.ts'
import { DecisionClient } from './decision-route.ts'
import type { Upstream } from './emulated-links.ts'
import type { LocalVariants } from './local-variants.ts'
import { TierLink } from './tier-link.ts'

/** What serves here, what lies above, and who decides. */
export interface DeviceModelOptions {
  readonly catalogue: Catalogue
  /** The part of the catalogue that the device serves by itself; what it lacks altogether others serve. */
  readonly held: Catalogue
  readonly decisions: Pick<DecisionInForce, 'forRequest' | 'accept' | 'close'>
  readonly local: LocalVariants
  readonly links: { readonly edge?: TierLink; readonly cloud?: TierLink }
  /** What one request may wait for other nodes in all; then it is served here, if it can be. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Called once the answer is on its way. */
  readonly observe: (observation: AnswerReport) => void
}

interface DecidedRequest {
  readonly call: InferCall
  readonly decision: DeviceDecision
  readonly startMs: number
}

/** Where the answer is from, and what it cost apart from this node's own work. */
interface Service extends Omit<TimeParts, 'responseTimeMs'> {
  readonly placement: Placement
  readonly content: InferReply['content']
}

const noTime = { queueMs: 0, computeMs: 0, networkMs: 0 }

/**
 * The logical model of a device: each request is served where, and by the variant that, its decision says. `DeviceModel` reads
 * from top to bottom: the decision in force, here or forward, fall back, report.
 */
export class DeviceModel {
  private readonly options: DeviceModelOptions
  private readonly accuracyPercent: ReadonlyMap<string, number>

  constructor(options: DeviceModelOptions) {
    this.options = options
    this.accuracyPercent = new Map(
      options.catalogue.variants.map(({ name, accuracyPercent }) => [name, accuracyPercent]),
    )
  }

  /** @throws TierwiseError of the variant or tier that served; a tier that fails is not an error but a fallback */
  async infer(call: InferCall): Promise<InferReply> {
    const { clock, decisions, requestTimeoutMs } = this.options
    const startMs = clock.nowMs()
    const decision = await decisions.forRequest(requestTimeoutMs)
    const decisionMs = clock.nowMs() - startMs
    try {
      const { content, ...service } = await this.serve({ call, decision, startMs })
      const served = this.served(service, startMs)
      this.report(decision, served, { decisionMs, failed: false })
      return { content, headers: decidedHeaders(served, decision.placement, decision.round) }
    } catch (error) {
      if (!isClientsFault(error, call)) {
        const served = this.served({ placement: decision.placement, ...noTime }, startMs)
        this.report(decision, served, { decisionMs, failed: true })
      }
      throw error
    }
  }

  private async serve(request: DecidedRequest): Promise<Service> {
    const { placement } = request.decision
    if (placement.tier === 'end') return this.here(request, placement.variant, 0)
    const { clock } = this.options
    const leftAtMs = clock.nowMs()
    const forwarded = await this.forward(request, placement.tier)
    const awayMs = clock.nowMs() - leftAtMs
    if (forwarded === undefined) return this.fallBack(request, awayMs)
    const { queueMs, computeMs } = forwarded
    return { ...forwarded, networkMs: Math.max(0, awayMs - queueMs - computeMs) }
  }

  /** @param networkMs waited in vain for another node */
  private async here(
    { call, decision, startMs }: DecidedRequest,
    variant: string,
    networkMs: number,
  ): Promise<Service> {
    const { clock, local } = this.options
    const { content, queueMs, computeMs } = await local.infer(variant, call, {
      spentMs: clock.nowMs() - startMs,
      goalAccuracyPercent: decision.fallbackAccuracyPercent,
    })
    const placement = { tier: 'end', variant: content.model_name } as const
    return { placement, content, queueMs, computeMs, networkMs }
  }

  /** @returns undefined when the tier is down, or gives no answer */
  private async forward(
    { call, decision, startMs }: DecidedRequest,
    tier: 'edge' | 'cloud',
  ): Promise<Omit<Service, 'networkMs'> | undefined> {
    const { clock, links, requestTimeoutMs } = this.options
    const { placement, fallbackAccuracyPercent } = decision
    const link = links[tier]
    if (!link?.up) return undefined
    const timeoutMs = startMs + requestTimeoutMs - clock.nowMs()
    const answer = await link.forward(placement.variant, call, timeoutMs, fallbackAccuracyPercent)
    if (answer === undefined) return undefined
    const { variant = '', ...service } = answer
    // A smaller variant may have served for a deadline.
    const served = this.accuracyPercent.has(variant) ? variant : placement.variant
    return { ...service, placement: { tier, variant: served } }
  }

  private fallBack(request: DecidedRequest, awayMs: number): Promise<Service> {
    const { held, local } = this.options
    const { fallbackAccuracyPercent } = request.decision
    if (held.variants.length === 0) return this.elsewhere(request)
    const medianMs = (variant: string) => local.medianMs(variant)
    return this.here(request, fallbackVariant(held, fallbackAccuracyPercent, medianMs).name, awayMs)
  }

  /** By the other tier. @throws UnavailableError where that does not answer either */
  private async elsewhere(request: DecidedRequest): Promise<Service> {
    const { device, placement } = request.decision
    const other = placement.tier === 'edge' ? 'cloud' : 'edge'
    const forwarded = await this.forward(request, other)
    if (forwarded === undefined) {
      throw new UnavailableError(
        `neither edge nor cloud answers, and ${device} holds no variant: try again, or let it hold one`,
      )
    }
    const { queueMs, computeMs } = forwarded
    const awayMs = this.options.clock.nowMs() - request.startMs
    return { ...forwarded, networkMs: Math.max(0, awayMs - queueMs - computeMs) }
  }

  private served(service: Omit<Service, 'content'>, startMs: number): Served {
    const accuracyPercent = this.accuracyPercent.get(service.placement.variant) ?? 0
    return { ...service, accuracyPercent, responseTimeMs: this.options.clock.nowMs() - startMs }
  }

  /** After this turn of the event loop, so that the answer leaves first. */
  private report(
    { session, round, device, placement: decided }: DeviceDecision,
    { placement, ...measured }: Served,
    outcome: Pick<AnswerReport, 'decisionMs' | 'failed'>,
  ): void {
    const decision = { device, session, round, decided }
    const observation = { ...decision, served: placement, ...measured, ...outcome }
    setImmediate(() => this.options.observe(observation))
  }

  /** Takes a pushed decision; one that cannot be followed is logged and dropped. */
  accept(decision: DeviceDecision): void {
    const { decisions, logger } = this.options
    try {
      decisions.accept(decision)
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'dropped a decision')
    }
  }

  /** To the node above, from the device's own traffic since the last call. */
  bandwidthMbps(): number | undefined {
    const { edge, cloud } = this.options.links
    return (edge ?? cloud)?.takeBandwidthMbps()
  }

  async close(): Promise<void> {
    const { links, decisions } = this.options
    for (const part of [links.edge, links.cloud, decisions]) await part?.close()
  }
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
}

/**
 * A device's model with its decisions and its links to the tiers above.
 * @throws ConfigError when decisions are to be consulted and there is nobody to ask, or it holds nothing and there is nobody to serve
 */
export function createDeviceModel(options: DeviceOptions): DeviceModel {
  const { name: device, mode, upstream, catalogue, held } = options
  const { requestTimeoutMs: timeoutMs, clock, logger, tls } = options
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
  const linkTo = (url: string) => new TierLink({ url, timeoutMs, clock, logger, tls })
  const links = {
    ...(edgeUrl !== undefined && { edge: linkTo(edgeUrl) }),
    ...(cloudUrl !== undefined && { cloud: linkTo(cloudUrl) }),
  }
  return new DeviceModel({ ...options, decisions, links })
}

/** Here by the most accurate variant; where there is none, at the nearest tier above. @throws ConfigError where there is no tier either */
function firstPlacement({ name, catalogue, held, upstream }: DeviceOptions): Placement {
  if (held.variants.length > 0) return { tier: 'end', variant: mostAccurate(held.variants).name }
  if (upstream.edgeUrl === undefined && upstream.cloudUrl === undefined) {
    throw new ConfigError(`${name} holds no variant: give it some, or edgeUrl or cloudUrl`)
  }
  const tier = upstream.edgeUrl === undefined ? 'cloud' : 'edge'
  return { tier, variant: mostAccurate(catalogue.variants).name }
}
