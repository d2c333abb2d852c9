/**
 * What a node counts and measures, as Prometheus reads it: `GET /metrics`, text format 0.0.4. Each node has a registry of its own,
 * since several may live in one process; what is the process's is the same for all of them.
 */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Admission } from '../control/telemetry-message.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import type { Served } from './answer-headers.ts'
import { answerMetrics, type DeviceMeasured } from './answer-metrics.ts'
import { PREFIX, ScrapedMetrics } from './scraped-metrics.ts'
import {
  admissionMetrics,
  type NodeTold,
  type ServiceMeasured,
  schedulingMetrics,
  serviceMetrics,
} from './service-metrics.ts'

/** All that a node counts by itself, at one moment. */
export interface Measured extends ServiceMeasured {
  /** Undefined as long as nothing is scheduled. */
  readonly scheduling: SchedulingReport | undefined
  /** Undefined where it cannot serve by itself. */
  readonly admission: Admission | undefined
  /** Of a device. */
  readonly answers?: DeviceMeasured
}

/** Whose metrics. */
export interface MetricsOptions extends NodeTold {
  /** Asked once for each page. */
  readonly measure: () => Measured
}

/** Of times, seconds: from a small model on a fast machine to a time-out. */
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** By where and by what a request was served: names of tiers and of the catalogue's variants, so the series are bounded. */
type Where = 'tier' | 'variant'

/** The metrics of one node. */
export class NodeMetrics {
  /** For more than the node's own. */
  readonly registry = new Registry()
  private readonly options: MetricsOptions
  private readonly response: Histogram<Where>
  private readonly queue: Histogram<Where>
  private readonly compute: Histogram<Where>
  private readonly network: Histogram<Where>
  private readonly refusals: Counter<'code'>
  /** Of the page that is being written. */
  private now: Measured | undefined

  constructor(options: MetricsOptions) {
    this.options = options
    this.response = this.histogram('request', 'From a request being here to its answer being ready')
    this.queue = this.histogram('queue', 'Waiting for a worker, on the nodes that served')
    this.compute = this.histogram('compute', 'In a worker, on the nodes that served')
    this.network = this.histogram('network', 'Waiting for other nodes, without their own time')
    this.refusals = new Counter({
      name: `${PREFIX}refusals_total`,
      help: 'Requests of any route that were answered with an error, by its code.',
      labelNames: ['code'],
      registers: [this.registry],
    })
    const scraped = new ScrapedMetrics(this.registry)
    serviceMetrics(scraped, () => this.now, options)
    admissionMetrics(scraped, () => this.now?.admission)
    schedulingMetrics(scraped, () => this.now?.scheduling)
    if (options.tier === 'end') answerMetrics(scraped, () => this.now?.answers)
  }

  /** A request was answered; takes some microseconds. */
  answered(served: Omit<Served, 'accuracyPercent'>): void {
    const { placement, responseTimeMs, queueMs, computeMs, networkMs } = served
    const where = { tier: placement.tier, variant: placement.variant }
    this.response.observe(where, responseTimeMs / 1000)
    this.queue.observe(where, queueMs / 1000)
    this.compute.observe(where, computeMs / 1000)
    if (networkMs > 0) this.network.observe(where, networkMs / 1000)
  }

  /** @param code of a `TierwiseError`, or of the server below: one of few */
  refused(code: string): void {
    this.refusals.inc({ code })
  }

  /** The page. */
  async text(): Promise<string> {
    this.now = this.options.measure()
    const pages = await Promise.all([this.registry.metrics(), processMetrics().metrics()])
    return pages.join('')
  }

  get contentType(): string {
    return this.registry.contentType
  }

  private histogram(name: string, help: string): Histogram<Where> {
    return new Histogram({
      name: `${PREFIX}${name}_duration_seconds`,
      help: `${help}; by the tier and variant that served.`,
      labelNames: ['tier', 'variant'],
      buckets: SECONDS,
      registers: [this.registry],
    })
  }
}

/** Gauges with a counter's ending, which `promtool` refuses; the same by type are there without it. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`)

let ofProcess: Registry | undefined

/** Processor time, memory, event loop and garbage collection of this process; they are looked at from the first page on. */
function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
    for (const name of MISNAMED) ofProcess.removeSingleMetric(name)
  }
  return ofProcess
}
