import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { propagation, trace } from '@opentelemetry/api'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { inSpan, traceOf } from '../tracing.ts'
import { startTracing } from './collector.ts'

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}
interface Posted {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly { readonly name: string; readonly traceId: string }[]
    }[]
  }[]
}

const posted: { readonly url: string; readonly body: Posted }[] = []
let lines: string[]
let collector: Server
let stop: (() => Promise<void>) | undefined

const options = () => {
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  return { name: 'edge-7', tier: 'edge', logger }
}

beforeEach(async () => {
  lines = []
  posted.length = 0
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    posted.push({ url: String(request.url), body: JSON.parse(Buffer.concat(chunks).toString()) })
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
})

afterEach(async () => {
  await stop?.()
  stop = undefined
  trace.disable()
  propagation.disable()
  vi.unstubAllEnvs()
  collector.close()
})

function endpoint(): string {
  return `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
}

it('is off, and loads no SDK, where the environment names no collector', async () => {
  expect(await startTracing({}, options())).toBeUndefined()
  const named = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint() }
  expect(await startTracing({ ...named, OTEL_SDK_DISABLED: 'true' }, options())).toBeUndefined()
  expect(await startTracing({ ...named, OTEL_TRACES_EXPORTER: 'none' }, options())).toBeUndefined()
  expect(lines).toEqual([])
})

it('refuses what it does not speak, and says what to write', async () => {
  const named = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint() }
  await expect(
    startTracing({ ...named, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, options()),
  ).rejects.toThrow(/http\/json/)
  await expect(
    startTracing({ ...named, OTEL_TRACES_EXPORTER: 'zipkin' }, options()),
  ).rejects.toThrow(/"zipkin": write otlp or none/)
})

it('posts spans to the collector, with the names that the environment gives', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint())
  vi.stubEnv('OTEL_SERVICE_NAME', 'cameras')
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment=test')
  stop = await startTracing(process.env, options())
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await inSpan('request', traceOf({ traceparent }), async () => {})
  await stop?.()
  expect(posted.map(({ url }) => url)).toEqual(['/v1/traces'])
  const [{ resource, scopeSpans } = { resource: { attributes: [] }, scopeSpans: [] }] =
    posted[0]?.body.resourceSpans ?? []
  const told = Object.fromEntries(
    resource.attributes.map(({ key, value }) => [key, value.stringValue]),
  )
  expect(told).toMatchObject({
    'service.name': 'cameras',
    'service.instance.id': 'edge-7',
    'deployment.environment': 'test',
    'tierwise.tier': 'edge',
  })
  expect(scopeSpans.flatMap(({ spans }) => spans)).toMatchObject([
    { name: 'request', traceId: '0af7651916cd43dd8448eb211c80319c' },
  ])
})

it('samples as the environment says', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint())
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off')
  stop = await startTracing(process.env, options())
  await inSpan('request', undefined, async () => {})
  await stop?.()
  expect(posted).toEqual([])
})

it('ends, and says why nothing was sent, when nobody is there; headers stay secret', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint())
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer%20abc123')
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500')
  await new Promise((resolve) => collector.close(resolve))
  stop = await startTracing(process.env, options())
  await inSpan('request', undefined, async () => {})
  await stop?.()
  expect(lines.join('\n')).toContain('traces are not sent')
  expect(lines.join('\n')).not.toContain('abc123')
})
