/** Nodes that hold a part of the catalogue, or nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import type { LiveTelemetry, Telemetry } from '../control/telemetry-message.ts'
import { ConfigError } from '../errors.ts'
import { encodeInferRequest } from '../protocol/codec.ts'
import { loadCatalogue } from '../serving/models/catalogue.ts'
import {
  binaryWire,
  post,
  silent,
  TestNodes,
  testCatalogueFile,
  testRequest,
} from './start-node.fixture.ts'

let broker: Broker
let listener: ControlPlane
const nodes = new TestNodes()

beforeAll(async () => {
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  listener = await connectControlPlane({ url: broker.url, clientId: 'listener', logger: silent })
})
afterEach(() => nodes.closeAll())
afterAll(async () => {
  await listener.close()
  await broker.close()
})

/** The newest that a node says of itself while it lives. */
async function toldBy(name: string): Promise<() => LiveTelemetry | undefined> {
  let newest: LiveTelemetry | undefined
  const keep = (told: Telemetry) => {
    if (told.alive) newest = told
  }
  await listener.subscribe('telemetry', keep, name)
  return () => newest
}

describe('a node that holds a part of the catalogue', () => {
  it('serves that part alone, and tells what it holds, how long it takes, and whom it reaches', async () => {
    const told = await toldBy('small')
    const edge = await nodes.start({ name: 'edge-7', tier: 'edge', variants: ['d7'] })
    const device = await nodes.start({
      name: 'small',
      tier: 'end',
      broker: broker.url,
      edgeUrl: edge.url,
      variants: ['d7', 'd3'],
    })
    await Promise.all([edge.ready, device.ready])
    expect((await post(device, 'mobilenet', binaryWire)).header('decision')).toBe('end/d3')
    expect((await post(device, 'd7', binaryWire)).header('decision')).toBe('end/d7')
    expect((await post(device, 'd0', binaryWire)).status).toBe(404)
    expect((await post(edge, 'd7', binaryWire)).header('node')).toBe('edge-7')
    await vi.waitFor(() => expect(told()?.ready).toBe(true))
    await vi.waitFor(() => expect(told()?.reaches).toEqual({ edge: 'edge-7', cloud: false }))
    expect(told()?.variants.map(({ name }) => name)).toEqual(['d3', 'd7'])
    for (const { serviceTimeMs } of told()?.variants ?? []) expect(serviceTimeMs).toBeGreaterThan(0)
  })
})

describe('a device that holds nothing', () => {
  it('has the nearest tier serve, describes the model, and says who should serve when nobody does', async () => {
    const told = await toldBy('client')
    const edge = await nodes.start({ name: 'edge-8', tier: 'edge' })
    await edge.ready
    const options = { name: 'client', tier: 'end', variants: [], broker: broker.url } as const
    const device = await nodes.start({ ...options, edgeUrl: edge.url })
    await device.ready
    const answer = await post(device, 'mobilenet', binaryWire)
    expect([answer.status, answer.header('decision')]).toEqual([200, 'edge/d0'])
    const path = '/v2/models/mobilenet'
    const [here, there] = await Promise.all(
      [device, edge].map(async ({ url }) => (await fetch(`${url}${path}`)).json()),
    )
    expect(here).toEqual(there)
    await vi.waitFor(() => expect(told()).toMatchObject({ ready: true, variants: [] }))
    await edge.close()
    const alone = await post(device, 'mobilenet', binaryWire)
    expect(alone.status).toBe(503)
    expect(Buffer.from(alone.wire.body).toString()).toContain('client holds no variant')
  })
})

describe('a node whose memory is limited', () => {
  it('holds what fits, from the smallest up', async () => {
    const catalogue = await loadCatalogue(await testCatalogueFile())
    const { bytes = 0 } = catalogue.variants.find(({ name }) => name === 'd0') ?? {}
    const variants = ['d0', 'd7']
    const memoryLimitMb = bytes / 2 ** 20
    const node = await nodes.start({ name: 'tight', tier: 'edge', variants, memoryLimitMb })
    await node.ready
    expect((await post(node, 'mobilenet', binaryWire)).header('decision')).toBe('edge/d7')
    expect((await post(node, 'd0', binaryWire)).status).toBe(404)
  })

  it('is a client of its edge where nothing fits; an edge is refused', async () => {
    const none = { variants: ['d7'], memoryLimitMb: 0.1 }
    const edge = await nodes.start({ name: 'edge-9', tier: 'edge', variants: ['d0'] })
    await edge.ready
    const device = await nodes.start({ name: 'tiny', tier: 'end', edgeUrl: edge.url, ...none })
    await device.ready
    const answer = await post(device, 'mobilenet', binaryWire)
    expect([answer.status, answer.header('decision')]).toEqual([200, 'edge/d0'])
    const refused = nodes.start({ name: 'edge-10', tier: 'edge', ...none })
    await expect(refused).rejects.toThrow(/memoryLimitMb: 0\.1 MiB have no room for any of d7 \(/)
  })
})

describe('a device with a floor', () => {
  it('serves by nothing below it, by name or for a deadline, and tells of it', async () => {
    const told = await toldBy('floored')
    const device = await nodes.start({
      ...{ name: 'floored', tier: 'end', broker: broker.url },
      ...{ variants: ['d2', 'd3', 'd7'], floorPercent: 80 },
    })
    await device.ready
    const answer = await post(device, 'mobilenet', binaryWire)
    expect([answer.header('decision'), answer.header('accuracy')]).toEqual(['end/d2', '84.9'])
    expect((await post(device, 'd2', binaryWire)).status).toBe(200)
    const refused = await post(device, 'd3', binaryWire)
    expect(refused.status).toBe(400)
    expect(Buffer.from(refused.wire.body).toString()).toContain("below this device's floor of 80 %")
    const hurried = { ...testRequest(1), parameters: { deadline_ms: 0.01 } }
    const late = await post(device, 'mobilenet', encodeInferRequest(hurried, { binary: true }))
    expect(Buffer.from(late.wire.body).toString()).toContain('d2, the smallest variant allowed')
    await vi.waitFor(() => expect(told()?.floorPercent).toBe(80))
  })

  it.each([
    ['that no variant reaches', 95, [], 'no variant of the catalogue has 95 %: give at most 89.9'],
    ['that none of its own reaches, and no tier above', 85, ['d7'], 'of at least 85 %'],
  ])('is refused where it has one %s', async (_what, floorPercent, variants, named) => {
    const start = nodes.start({ name: 'high', tier: 'end', variants, floorPercent })
    await expect(start).rejects.toThrow(ConfigError)
    await expect(start).rejects.toThrow(named)
  })
})

it.each([
  ['holds nothing and reaches nobody', [], 'holds no variant'],
  ['is to hold what the catalogue lacks', ['d0', 'd9'], 'the catalogue has no d9'],
])('a device that %s is refused', async (_what, variants, named) => {
  const start = nodes.start({ name: 'bad', tier: 'end', variants })
  await expect(start).rejects.toThrow(ConfigError)
  await expect(start).rejects.toThrow(named)
})

describe('a device with a goal of its own', () => {
  it('tells of it', async () => {
    const told = await toldBy('aiming')
    await nodes.start({ name: 'aiming', tier: 'end', broker: broker.url, goalPercent: 88 })
    await vi.waitFor(() => expect(told()?.goalPercent).toBe(88))
  })

  it('is refused where no variant of the catalogue reaches it', async () => {
    const start = nodes.start({ name: 'high', tier: 'end', goalPercent: 95 })
    await expect(start).rejects.toThrow(
      'deviceGoal: no variant of the catalogue has 95 %: give at most 89.9',
    )
  })
})
