/**
 * Has a larger variant look at answers that have left already: load, and no latency. A stated share of the sure answers is audited:
 * does the variant that unsure ones go to agree? While the accuracy is in doubt and nothing escalates, the small variant is asked
 * beside, so that the doubt can end.
 */
import type { Clock } from '../clock.ts'
import type { DeviceDecision } from '../control/messages.ts'
import { formatPlacement, type Placement } from '../fleet/placement.ts'
import { within } from '../protocol/infer-call.ts'
import type { InferReply } from '../protocol/inference-handler.ts'
import type { Random } from '../random.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { inSpan } from '../tracing.ts'
import type { AccuracyWatch } from './accuracy-watch.ts'
import { classOf, marginOfAnswer } from './answer-scores.ts'
import type { LocalVariants } from './local-variants.ts'
import type { DecidedRequest, Service } from './service.ts'
import type { TiersAbove } from './tiers-above.ts'

/** Who audits, how much, and who hears of it. */
export interface AuditorOptions {
  readonly catalogue: Catalogue
  readonly local: Pick<LocalVariants, 'infer'>
  readonly above: Pick<TiersAbove, 'serve'>
  readonly watch: Pick<AccuracyWatch, 'inDoubt' | 'judged' | 'audited'>
  /** Of the sure answers, in [0, 1]. */
  readonly share: number
  /** Whether this node has nothing better to do. */
  readonly isIdle: () => boolean
  readonly clock: Clock
  readonly random: Random
}

/** Answers that may wait to be audited; more are not audited. */
const MAX_WAITING = 4
/** Of the answers of a device in doubt that are asked of the small variant beside. */
const DOUBTED_SHARE = 0.2

interface Answered {
  readonly request: DecidedRequest
  readonly service: Service
}
type Escalating = NonNullable<DeviceDecision['escalation']>
interface Cascade {
  readonly small: Placement
  readonly escalation: Escalating
}

/** Audits the answers of one device, one after another. */
export class Auditor {
  /** Chosen to be audited, and left: the node was busy. */
  dropped = 0
  private readonly options: AuditorOptions
  private readonly waiting: (() => Promise<void>)[] = []
  private isRunning = false
  /** That the device followed last. */
  private cascade: Cascade | undefined

  constructor(options: AuditorOptions) {
    this.options = options
  }

  /** An answer has left. */
  answered(answered: Answered): void {
    const { watch, random, share } = this.options
    const { placement, escalation } = answered.request.decision
    if (escalation) this.cascade = { small: placement, escalation }
    const { cascade } = this
    const { judged } = answered.service
    if (!cascade) return
    if (escalation) {
      const isSure = judged !== undefined && judged.margin >= escalation.margin
      if (isSure && random.uniform() < share) this.queue(() => this.audit(answered, cascade))
    } else if (watch.inDoubt !== undefined && random.uniform() < DOUBTED_SHARE) {
      this.queue(() => this.ask(answered, cascade))
    }
  }

  private queue(job: () => Promise<void>): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.dropped += 1
      return
    }
    this.waiting.push(job)
    if (!this.isRunning) void this.run()
  }

  private async run(): Promise<void> {
    this.isRunning = true
    for (let job = this.waiting.shift(); job; job = this.waiting.shift()) {
      if (this.options.isIdle()) await job()
      else this.dropped += 1
    }
    this.isRunning = false
  }

  /** Whether the large variant says the same. */
  private async audit({ request, service }: Answered, { escalation }: Cascade): Promise<void> {
    const { catalogue, watch } = this.options
    const said = classOf(service.content, catalogue)
    const content = await this.serve(request, escalation.to)
    const other = content && classOf(content, catalogue)
    if (said !== undefined && other !== undefined) watch.audited(said === other)
  }

  /** Whether the small variant would be sure, and if it is, right by the large one. */
  private async ask({ request, service }: Answered, cascade: Cascade): Promise<void> {
    const { catalogue, watch } = this.options
    const { small, escalation } = cascade
    const content = await this.serve(request, small)
    if (content === undefined) return
    const margin = marginOfAnswer(content, small.variant, catalogue)
    watch.judged(margin < escalation.margin, escalation.share)
    if (margin < escalation.margin) return
    const isByLarge = service.placement.variant === escalation.to.variant
    const said = isByLarge ? classOf(service.content, catalogue) : undefined
    if (said !== undefined) watch.audited(said === classOf(content, catalogue))
  }

  /** @returns undefined where this very placement did not serve: nobody is harmed by an audit that fails */
  private serve(
    { call, decision }: DecidedRequest,
    placement: Placement,
  ): Promise<InferReply['content'] | undefined> {
    return inSpan('audit', call.trace, (trace) =>
      this.ifServed({ call: within(call, trace), decision }, placement),
    )
  }

  private async ifServed(
    { call, decision }: Omit<DecidedRequest, 'startMs'>,
    placement: Placement,
  ): Promise<InferReply['content'] | undefined> {
    const { above, clock, local } = this.options
    const startMs = clock.nowMs()
    try {
      if (placement.tier === 'end') {
        const bounds = { spentMs: 0, goalAccuracyPercent: 0 }
        const { content } = await local.infer(placement.variant, call, bounds)
        return content.model_name === placement.variant ? content : undefined
      }
      const answer = await above.serve(placement, { call, decision, startMs })
      const isAsked = answer && formatPlacement(answer.placement) === formatPlacement(placement)
      return isAsked ? answer.content : undefined
    } catch {
      return undefined
    }
  }
}
