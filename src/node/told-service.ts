/** What a node tells of its service: what it did, what waits, and what it can still take. */
import type { Admission, LiveTelemetry } from '../control/telemetry-message.ts'
import { AdmissionWindow } from '../monitoring/admission.ts'
import type { IntelligentService } from '../serving/intelligent-service.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import type { LocalVariants } from './local-variants.ts'
import type { NodeHandler } from './node-handler.ts'

type Told = LiveTelemetry['service']

/** Who knows. */
export interface ToldServiceOptions {
  readonly handler: Pick<NodeHandler, 'ready' | 'counts'>
  readonly service: Pick<
    IntelligentService,
    'usage' | 'variants' | 'serviceTimesMs' | 'schedulingReport'
  >
  readonly local: Pick<LocalVariants, 'admitted'>
}

/** The part `service` of a node's telemetry. */
export class ToldService {
  private readonly options: ToldServiceOptions
  private readonly window = new AdmissionWindow(performance.now())

  constructor(options: ToldServiceOptions) {
    this.options = options
  }

  /** What it could take of late; undefined where it cannot serve by itself. */
  admission(): Admission | undefined {
    const { handler, service, local } = this.options
    if (!handler.ready() || service.variants.length === 0) return undefined
    const { workers, workedMs } = service.usage
    const serviceTimesMs = service.variants.flatMap((name) => service.serviceTimesMs[name] ?? [])
    // Before the first request, as if it took the longest that one can.
    const unseen = serviceTimesMs.length > 0 && { serviceTimeMs: Math.max(...serviceTimesMs) }
    const totals = { ...local.admitted, workedMs }
    return this.window.update(performance.now(), totals, { workers, ...unseen })
  }

  summary(): Told {
    const { handler, service } = this.options
    const admission = this.admission()
    const scheduling = schedulingSummary(service.schedulingReport())
    return {
      ...handler.counts(),
      queueDepth: service.usage.queueDepth,
      ...(admission && { admission }),
      ...(scheduling && { scheduling }),
    }
  }
}

function schedulingSummary(report: SchedulingReport | undefined): Told['scheduling'] {
  if (report === undefined || report.requests === 0) return undefined
  const { policy, requests } = report
  const { effectiveAccuracyPercent, servedAccuracyPercent, violationPercent } = report
  return { policy, requests, effectiveAccuracyPercent, servedAccuracyPercent, violationPercent }
}
