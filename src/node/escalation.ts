/**
 * Small first, large when unsure. A device whose decision escalates serves by a small variant; where the margin of that
 * answer is below the decided one, a larger variant serves again. The small answer is kept: it is the answer where no better one
 * comes, so an escalation can be late, refused or lost, and no request fails of it.
 */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DeviceDecision } from '../control/messages.ts'
import { messageOf } from '../errors.ts'
import { formatPlacement, type Placement } from '../fleet/placement.ts'
import { within } from '../protocol/infer-call.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { inSpan } from '../tracing.ts'
import type { Judged } from './answer-headers.ts'
import { marginOfAnswer, showsMargin } from './answer-scores.ts'
import { EscalationBudget } from './escalation-budget.ts'
import { EscalationCounts } from './escalation-counts.ts'
import type { LocalVariants } from './local-variants.ts'
import { promisedPercent } from './promised.ts'
import type { DecidedRequest, Service } from './service.ts'
import type { TiersAbove } from './tiers-above.ts'

/** What escalation serves by. */
export interface EscalationOptions {
  readonly catalogue: Catalogue
  readonly local: Pick<LocalVariants, 'infer' | 'medianMs'>
  readonly above: Pick<TiersAbove, 'serve' | 'isUp'>
  readonly clock: Clock
  readonly logger: Pick<Logger, 'warn'>
}

type Escalating = NonNullable<DeviceDecision['escalation']>

/** Weight of the newest in what a second answer is believed to take. */
const NEWEST = 0.2

/** Passes a device's unsure answers on. */
export class Escalation {
  readonly counts = new EscalationCounts()
  private readonly options: EscalationOptions
  private readonly budget = new EscalationBudget()
  /** What a second answer takes, by where it is from. */
  private readonly takesMs = new Map<string, number>()

  constructor(options: EscalationOptions) {
    this.options = options
  }

  /**
   * Who serves first: the large variant at once where the answer would show no margin, as it tells of several pictures or leaves
   * the probabilities out.
   * @throws InvalidInputError for a malformed request
   */
  async firstOf({ call, decision: { placement, escalation } }: DecidedRequest): Promise<Placement> {
    const { catalogue } = this.options
    if (escalation === undefined || showsMargin(await call.decode(), catalogue)) return placement
    return escalation.to
  }

  /** @param first answer of the request, by the variant that its decision names: where another one served, its margin means another thing */
  async settle(request: DecidedRequest, first: Service): Promise<Service> {
    const { catalogue, clock } = this.options
    const { placement, escalation } = request.decision
    if (escalation === undefined || !isSame(first.placement, placement)) return first
    const margin = marginOfAnswer(first.content, placement.variant, catalogue)
    const firstMs = clock.nowMs() - request.startMs
    const accuracyPercent = promisedPercent(catalogue, request.decision) ?? 0
    const judged = { margin, firstMs, accuracyPercent, escalated: false, fellBack: false }
    this.budget.earn(escalation.share)
    this.counts.judged(escalation, margin)
    if (margin >= escalation.margin) return { ...first, judged }
    const small = { fellBack: true, accuracyPercent: this.accuracyPercent(placement.variant) }
    const kept = { ...first, judged: { ...judged, ...small } }
    if (!this.mayGoOn(escalation, first.leftMs)) return kept
    return this.goOn(request, escalation, kept, { ...judged, escalated: true })
  }

  private mayGoOn({ to }: Escalating, leftMs = Infinity): boolean {
    const { above, local } = this.options
    if (to.tier !== 'end' && !above.isUp(to)) {
      this.counts.keptBack.down += 1
      return false
    }
    const usualMs = to.tier === 'end' ? local.medianMs(to.variant) : undefined
    const believedMs = this.takesMs.get(formatPlacement(to)) ?? usualMs ?? 0
    if (leftMs <= believedMs) {
      this.counts.keptBack.deadline += 1
      return false
    }
    if (this.budget.spend()) return true
    this.counts.keptBack.budget += 1
    return false
  }

  /** @param kept the answer where no better one comes */
  private async goOn(
    request: DecidedRequest,
    { to }: Escalating,
    kept: Service & { readonly judged: Judged },
    judged: Judged,
  ): Promise<Service> {
    const { clock } = this.options
    const sentMs = clock.nowMs()
    const second = await inSpan('escalate', request.call.trace, (trace) =>
      this.again({ ...request, call: within(request.call, trace) }, to, kept.leftMs),
    )
    const awayMs = clock.nowMs() - sentMs
    const isAway = to.tier !== 'end'
    this.counts.escalated(kept.placement, to)
    if (second === undefined || !this.isBetter(second.placement, kept.placement)) {
      const networkMs = kept.networkMs + (isAway ? awayMs : 0)
      this.counts.keptBack.unanswered += 1
      return { ...kept, networkMs, judged: { ...kept.judged, escalated: true } }
    }
    this.noteTime(to, awayMs)
    return {
      placement: second.placement,
      content: second.content,
      queueMs: kept.queueMs + second.queueMs,
      computeMs: kept.computeMs + second.computeMs,
      networkMs: isAway ? Math.max(0, awayMs - second.queueMs - second.computeMs) : 0,
      // Another variant than the decided one may have served for a deadline: nobody has measured that pair.
      judged: isSame(second.placement, to) ? judged : { ...kept.judged, escalated: true },
    }
  }

  /** @returns undefined where no second answer comes. @throws why the client went away */
  private async again(
    request: DecidedRequest,
    to: Placement,
    leftMs: number | undefined,
  ): Promise<Omit<Service, 'networkMs'> | undefined> {
    const { above, local, clock, logger } = this.options
    const { call, decision, startMs } = request
    try {
      if (to.tier !== 'end') return await above.serve(to, request, leftMs)
      const { content, queueMs, computeMs } = await local.infer(to.variant, call, {
        spentMs: clock.nowMs() - startMs + (call.receivingMs ?? 0),
        goalAccuracyPercent: decision.fallbackAccuracyPercent,
      })
      const placement = { tier: 'end', variant: content.model_name } as const
      return { placement, content, queueMs, computeMs }
    } catch (error) {
      if (call.signal.aborted) throw error
      logger.warn({ reason: messageOf(error) }, 'no second answer: the first one is given')
      return undefined
    }
  }

  private noteTime(to: Placement, tookMs: number): void {
    const key = formatPlacement(to)
    const before = this.takesMs.get(key) ?? tookMs
    this.takesMs.set(key, before + NEWEST * (tookMs - before))
  }

  private isBetter(one: Placement, other: Placement): boolean {
    return this.accuracyPercent(one.variant) > this.accuracyPercent(other.variant)
  }

  private accuracyPercent(variant: string): number {
    return (
      this.options.catalogue.variants.find(({ name }) => name === variant)?.accuracyPercent ?? 0
    )
  }
}

function isSame(one: Placement, other: Placement): boolean {
  return one.tier === other.tier && one.variant === other.variant
}
