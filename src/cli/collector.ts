/**
 * Sends traces to a collector, where the standard variables of OpenTelemetry name one: `OTEL_EXPORTER_OTLP_ENDPOINT` and the others
 * of its specification, which its SDK reads by itself. Where they name none, that SDK is not even loaded.
 */
import { DiagLogLevel, diag } from '@opentelemetry/api'
import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import { Seldom } from '../control/seldom.ts'
import { ConfigError, withoutCredentials } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Who tells. */
export interface TracingOptions {
  /** Of the node. */
  readonly name: string
  readonly tier: string
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/** For the last spans, once the node ends. */
const FLUSH_TIMEOUT_MS = 2000

/**
 * Traces this process from now on, if the environment says so.
 * @returns a function that sends what is left, and ends it; undefined where nothing is traced
 * @throws ConfigError for an exporter or a protocol that there is not
 */
export async function startTracing(
  environment: Environment,
  { name, tier, logger }: TracingOptions,
): Promise<(() => Promise<void>) | undefined> {
  if (!isTraced(environment)) return undefined
  const [sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  logProblems(logger)
  const usual = { 'service.name': 'tierwise', 'service.instance.id': name, 'tierwise.tier': tier }
  // What the environment says goes before what is usual.
  const resource = resources
    .defaultResource()
    .merge(resources.resourceFromAttributes(usual))
    .merge(resources.detectResources({ detectors: [resources.envDetector] }))
  const exporter = new OTLPTraceExporter()
  const provider = new sdk.NodeTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  })
  provider.register({ contextManager: null })
  logger.info('requests are traced: spans go to the collector that the environment names')
  return async () => {
    const flushed = provider.shutdown().catch(() => {})
    await Promise.race([flushed, systemClock.sleep(FLUSH_TIMEOUT_MS)])
  }
}

/** @throws ConfigError */
function isTraced(environment: Environment): boolean {
  const told = (name: string) => environment[name]?.trim().toLowerCase() ?? ''
  const exporter = told('OTEL_TRACES_EXPORTER')
  if (told('OTEL_SDK_DISABLED') === 'true' || exporter === 'none') return false
  const endpoint = told('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || told('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (endpoint === '' && exporter === '') return false
  if (exporter !== '' && exporter !== 'otlp') {
    throw new ConfigError(`OTEL_TRACES_EXPORTER is "${exporter}": write otlp or none`)
  }
  const protocol = told('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') || told('OTEL_EXPORTER_OTLP_PROTOCOL')
  if (protocol === 'grpc') {
    throw new ConfigError(
      'OTEL_EXPORTER_OTLP_PROTOCOL is grpc, which is not spoken here: write http/json, and the collector’s port for HTTP (4318)',
    )
  }
  return true
}

/** A collector that is away is said once a minute. */
function logProblems(logger: TracingOptions['logger']): void {
  const seldom = new Seldom(systemClock)
  const warn = (message: string) => {
    if (!seldom.isDue('traces')) return
    logger.warn({ reason: withoutCredentials(message).slice(0, 300) }, 'traces are not sent')
  }
  const nothing = () => {}
  const quiet = { info: nothing, debug: nothing, verbose: nothing }
  diag.setLogger({ error: warn, warn, ...quiet }, { logLevel: DiagLogLevel.WARN })
}
