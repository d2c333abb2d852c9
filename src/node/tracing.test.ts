import { propagation, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { AnswerReport, DeviceDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { encodeInferRequest } from '../protocol/codec.ts'
import { decide } from './decide.fixture.ts'
import { fashionCatalogue, fashionPictures, POINT, requestOf } from './fashion.fixture.ts'
import type { RunningNode } from './node-options.ts'
import { silent, TestNodes } from './start-node.fixture.ts'

const CALLERS_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLERS_SPAN = 'b7ad6b7169203331'
const nodes = new TestNodes()
const exporter = new InMemorySpanExporter()
const reports: AnswerReport[] = []
let provider: NodeTracerProvider | undefined
let broker: Awaited<ReturnType<typeof startBroker>>
let control: ControlPlane
let device: RunningNode
/** Before the edge's server. */
const thin: Partial<Record<'REST' | 'gRPC', RunningNode>> = {}
let bodies: Buffer[]
let round = 0

beforeAll(async () => {
  bodies = (await fashionPictures()).map((picture) =>
    Buffer.from(encodeInferRequest(requestOf(picture), { binary: false }).body),
  )
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  await control.subscribe('observation', (report) => reports.push(report))
  const catalogue = await fashionCatalogue()
  const edge = await nodes.start({ name: 'edge', tier: 'edge', catalogue, grpcPort: 0 })
  const before = { name: 'thin', tier: 'edge', catalogue, requestTimeoutMs: 10_000 } as const
  thin.REST = await nodes.start({ ...before, serveFrom: edge.url })
  thin.gRPC = await nodes.start({ ...before, serveFrom: `grpc://${edge.grpcAddress}` })
  const common = { tier: 'end', catalogue, broker: broker.url, edgeUrl: edge.url } as const
  device = await nodes.start({ ...common, name: 'device' })
  await Promise.all([edge, device, thin.REST, thin.gRPC].map(({ ready }) => ready))
})

afterAll(async () => {
  await nodes.closeAll()
  await control.close()
  await broker.close()
})

/** As a program that has its own collector does. */
function register(): void {
  provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register({ contextManager: null })
}

function ask(
  headers: Readonly<Record<string, string>> = {},
  body = bodies[0],
  node = device,
): Promise<Response> {
  if (body === undefined) throw new Error('there are pictures')
  return fetch(`${node.url}/v2/models/fashion/infer`, { method: 'POST', body, headers })
}

/** Has the device follow a decision, and waits until it does. */
async function follow(how: Pick<DeviceDecision, 'placement' | 'escalation'>): Promise<void> {
  round += 1
  await decide(control, {
    session: 's',
    device: 'device',
    fallbackAccuracyPercent: 0,
    round,
    ...how,
  })
  await expect.poll(async () => (await ask()).headers.get('x-tierwise-round')).toBe(String(round))
}

/** Of a picture that the small variant is unsure of. */
async function unsureBody(): Promise<Buffer | undefined> {
  for (const body of bodies) {
    if ((await ask({}, body)).headers.get('x-tierwise-escalated') === '1') return body
  }
  return undefined
}

/** One traced request, and its spans once they are all over. */
async function traced(
  spans: number,
  body = bodies[0],
  node = device,
): Promise<readonly ReadableSpan[]> {
  exporter.reset()
  reports.length = 0
  const traceparent = `00-${CALLERS_TRACE}-${CALLERS_SPAN}-01`
  const answer = await ask({ traceparent, 'x-request-id': 'mine-7' }, body, node)
  expect(answer.status).toBe(200)
  const ofCaller = () =>
    exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === CALLERS_TRACE)
  await expect.poll(() => ofCaller().length).toBe(spans)
  return ofCaller()
}

/** Each span by its way from the caller's, with the node that a request came to. */
function ways(spans: readonly ReadableSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
  const wayOf = (span: ReadableSpan): string => {
    const { spanId } = span.parentSpanContext ?? {}
    const node = span.attributes['tierwise.node']
    const name = node === undefined ? span.name : `${span.name}@${node}`
    if (spanId === CALLERS_SPAN) return name
    const parent = byId.get(spanId ?? '')
    return `${parent ? wayOf(parent) : 'nowhere'} > ${name}`
  }
  return spans.map(wayOf).sort()
}

describe('without a collector', () => {
  it('passes the trace of a caller on, and says nothing of it to the orchestrator', async () => {
    expect(trace.getTracer('test').startSpan('none').isRecording()).toBe(false)
    await follow({ placement: { tier: 'edge', variant: 'large' } })
    reports.length = 0
    await ask({ traceparent: `00-${CALLERS_TRACE}-${CALLERS_SPAN}-01` })
    await expect.poll(() => reports.length).toBe(1)
    expect(reports[0]).not.toHaveProperty('traceparent')
  })
})

describe('with a collector', () => {
  beforeAll(register)
  afterAll(async () => {
    await provider?.shutdown()
    trace.disable()
    propagation.disable()
  })

  it('has one tree of a forwarded request, over device and edge, from the caller to the orchestrator', async () => {
    await follow({ placement: { tier: 'edge', variant: 'large' } })
    const spans = await traced(6)
    expect(ways(spans)).toEqual([
      'request@device',
      'request@device > decide',
      'request@device > network',
      'request@device > network > request@edge',
      'request@device > network > request@edge > infer',
      'request@device > network > request@edge > queue',
    ])
    for (const span of spans.filter(({ name }) => name === 'request'))
      expect(span.attributes['tierwise.request_id']).toBe('mine-7')
    const root = spans.find((span) => span.attributes['tierwise.node'] === 'device')
    await expect
      .poll(() => reports.map(({ traceparent }) => traceparent))
      .toContain(`00-${CALLERS_TRACE}-${root?.spanContext().spanId}-01`)
  })

  it('has one tree of an escalated request: the small variant here, the large one at the edge', async () => {
    const to = { tier: 'edge', variant: 'large' } as const
    const placement = { tier: 'end', variant: 'tiny' } as const
    await follow({ placement, escalation: { to, margin: POINT.margin, share: 1 } })
    expect(ways(await traced(9, await unsureBody()))).toEqual([
      'request@device',
      'request@device > decide',
      'request@device > escalate',
      'request@device > escalate > network',
      'request@device > escalate > network > request@edge',
      'request@device > escalate > network > request@edge > infer',
      'request@device > escalate > network > request@edge > queue',
      'request@device > infer',
      'request@device > queue',
    ])
  })

  it.each(['REST', 'gRPC'] as const)(
    'has one tree of a request to a server behind a tier, by %s',
    async (transport) => {
      const spans = await traced(7, bodies[0], thin[transport])
      expect(ways(spans)).toEqual([
        'request@thin',
        'request@thin > infer',
        'request@thin > network',
        'request@thin > network > request@edge',
        'request@thin > network > request@edge > infer',
        'request@thin > network > request@edge > queue',
        'request@thin > queue',
      ])
      const network = spans.find(({ name }) => name === 'network')
      expect(network?.attributes['server.address']).toMatch(/^(http|grpc):/)
    },
  )
})
