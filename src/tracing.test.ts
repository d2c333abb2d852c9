import { propagation, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterEach, describe, expect, it } from 'vitest'
import { carriedTrace, inSpan, pastSpan, toldTrace, traceOf } from './tracing.ts'

const received = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=1',
  authorization: 'Bearer secret',
}

describe('without an SDK', () => {
  it('sends on what the caller sent of its trace, and nothing else', () => {
    const { traceparent, tracestate } = received
    expect(carriedTrace(undefined, received)).toEqual({ traceparent, tracestate })
    expect(carriedTrace(traceOf({}), {})).toEqual({})
    expect(toldTrace(traceOf(received))).toEqual({})
  })

  it('does the work, and throws what that throws', async () => {
    expect(await inSpan('work', undefined, async () => 7)).toBe(7)
    const failing = inSpan('work', undefined, async () => {
      throw new RangeError('too far')
    })
    await expect(failing).rejects.toThrow(RangeError)
  })
})

describe('with an SDK', () => {
  afterEach(() => {
    trace.disable()
    propagation.disable()
  })

  it('makes spans of what fails and of what is over, under the caller’s', async () => {
    const exporter = new InMemorySpanExporter()
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    provider.register({ contextManager: null })
    const parent = traceOf(received)
    const failing = inSpan(
      'network',
      parent,
      async (within) => {
        expect(carriedTrace(within, received)).toMatchObject({ tracestate: 'vendor=1' })
        expect(carriedTrace(within, received)).not.toEqual(carriedTrace(undefined, received))
        pastSpan('infer', within, { fromMs: 1000, toMs: 1250, 'tierwise.variant': 'd3' })
        throw new Error('cut off')
      },
      { kind: 'client' },
    )
    await expect(failing).rejects.toThrow('cut off')
    const [infer, network] = exporter.getFinishedSpans()
    expect(infer?.duration).toEqual([0, 250_000_000])
    expect(infer?.attributes).toEqual({ 'tierwise.variant': 'd3' })
    expect(infer?.parentSpanContext?.spanId).toBe(network?.spanContext().spanId)
    expect(network?.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
    expect(network?.status).toEqual({ code: 2, message: 'cut off' })
    await provider.shutdown()
  })
})
