/**
 * Traces of requests, by OpenTelemetry's API alone: nothing is recorded until a program registers an SDK, as `tierwise node` does where
 * the environment names a collector. Contexts are passed on by hand, so that no request pays for asynchronous hooks.
 */
import {
  type Attributes,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { messageOf } from './errors.ts'

/** Which spans are this one's children. */
export type TraceContext = Context

type Headers = Readonly<Record<string, string | undefined>>

/** Of a span that begins now. */
export interface SpanOptions {
  /** Default: `internal`; `server` takes a request from another process, `client` sends one there. */
  readonly kind?: 'server' | 'client' | 'internal'
  readonly attributes?: Attributes
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const

/** W3C Trace Context, as it travels from process to process. */
const CARRIED = ['traceparent', 'tracestate']

/** Asked for each time, as the SDK may change. */
const tracer = () => trace.getTracer('tierwise')

/** @param headers in lower case; where they tell of no trace, spans begin one */
export function traceOf(headers: Headers): TraceContext {
  return propagation.extract(ROOT_CONTEXT, headers)
}

/**
 * Does work within a span, which ends with it.
 * @param work is given what its own spans are children of, and the span, to say more of it
 * @throws what the work throws; the span is marked so
 */
export async function inSpan<Result>(
  name: string,
  parent: TraceContext | undefined,
  work: (within: TraceContext, span: Span) => Promise<Result>,
  { kind = 'internal', attributes = {} }: SpanOptions = {},
): Promise<Result> {
  const from = parent ?? ROOT_CONTEXT
  const span = tracer().startSpan(name, { kind: KINDS[kind], attributes }, from)
  try {
    return await work(trace.setSpan(from, span), span)
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
    throw error
  } finally {
    span.end()
  }
}

/**
 * A span that is over when it is told of.
 * @param fromMs and `toMs` on the clock of `performance.now()`
 */
export function pastSpan(
  name: string,
  parent: TraceContext | undefined,
  { fromMs, toMs, ...attributes }: Attributes & { readonly fromMs: number; readonly toMs: number },
): void {
  const span = tracer().startSpan(name, { startTime: fromMs, attributes }, parent ?? ROOT_CONTEXT)
  span.end(toMs)
}

/** Something that takes no time worth telling. */
export function moment(name: string, parent: TraceContext): void {
  tracer().startSpan(name, {}, parent).end()
}

/** A span of this process as others are told of it, by W3C Trace Context: empty without an SDK. */
export function toldTrace(within: TraceContext | undefined): { traceparent?: string } {
  const told: { traceparent?: string } = {}
  propagation.inject(within ?? ROOT_CONTEXT, told)
  return told
}

/**
 * What another process is told, so that its spans are children of this one's. Without an SDK a caller's own headers go on as they are.
 * @param received headers of the request that this work is for, in lower case
 */
export function carriedTrace(
  within: TraceContext | undefined,
  received: Headers,
): Record<string, string> {
  const carried = toldTrace(within)
  if (carried.traceparent !== undefined) return carried
  return Object.fromEntries(
    CARRIED.flatMap((name) => {
      const value = received[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
