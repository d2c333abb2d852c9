/** How the answers of a device turn out in service: watched without labels, and measured where labels are told. */
import type { FastifyInstance } from 'fastify'
import type { DeviceDecision } from '../control/messages.ts'
import type { InService } from '../control/telemetry-message.ts'
import { about } from '../protocol/openapi.ts'
import type { AccuracyWatch } from './accuracy-watch.ts'
import type { Auditor } from './auditor.ts'
import type { EscalationCounts } from './escalation-counts.ts'
import type { LabelledAnswers, MeasuredAccuracy } from './labelled-answers.ts'
import type { DecidedRequest, Service } from './service.ts'

/** Far more than a label takes. */
const FEEDBACK_LIMIT_BYTES = 16 * 1024

/** Who looks at a device's answers. */
export interface InServiceParts {
  readonly watch: AccuracyWatch
  readonly auditor: Auditor
  readonly labels: LabelledAnswers
  readonly escalations: EscalationCounts
  /** Told of every answer whose label came. */
  readonly onLabelled: (decision: DeviceDecision, isRight: boolean) => void
}

/** What `GET /v2/tierwise/accuracy` tells. */
export interface AccuracyReport extends InService {
  readonly measured: MeasuredAccuracy & {
    readonly byChoice: Readonly<Record<string, MeasuredAccuracy>>
  }
  readonly auditsDropped: number
}

/** The record of one device. */
export class DeviceInService {
  private readonly parts: InServiceParts

  constructor(parts: InServiceParts) {
    this.parts = parts
  }

  /** An answer has left. */
  answered(request: DecidedRequest, service: Service): void {
    const { watch, auditor, labels } = this.parts
    const { decision } = request
    const { escalation } = decision
    const { judged } = service
    if (judged && escalation) watch.judged(judged.margin < escalation.margin, escalation.share)
    auditor.answered({ request, service })
    labels.answered(service.content, decision)
  }

  /** For telemetry. */
  get summary(): InService {
    const { watch, labels, escalations } = this.parts
    const { answers: judged, plannedPercent, seenPercent } = escalations
    const { labelled, right } = labels.total
    const { inDoubt } = watch
    return {
      judged,
      plannedPercent,
      seenPercent,
      ...watch.audits,
      labelled,
      right,
      ...(inDoubt !== undefined && { inDoubt }),
    }
  }

  get report(): AccuracyReport {
    const { labels, auditor } = this.parts
    const measured = { ...labels.total, byChoice: labels.byChoice }
    return { ...this.summary, measured, auditsDropped: auditor.dropped }
  }

  /**
   * | route | what it does |
   * |---|---|
   * | `GET /v2/tierwise/accuracy` | what is known of this device's answers |
   * | `POST /v2/tierwise/feedback` | `{ "id": …, "label": … }`: what a request's picture really showed |
   * | `DELETE /v2/tierwise/doubt` | the operator knows better: what this device sees now is normal |
   */
  addRoutes(app: FastifyInstance): void {
    app.get('/v2/tierwise/accuracy', about('How right the answers are.'), () => this.report)
    const bodyLimit = FEEDBACK_LIMIT_BYTES
    app.post(
      '/v2/tierwise/feedback',
      { bodyLimit, ...about('Tells a true label.') },
      async ({ body }) => {
        const { decision, isRight } = this.parts.labels.tell(body)
        this.parts.onLabelled(decision, isRight)
        return { correct: isRight }
      },
    )
    app.delete('/v2/tierwise/doubt', about('Says that all is well.'), () => {
      this.parts.watch.accept()
      return this.report
    })
  }
}
