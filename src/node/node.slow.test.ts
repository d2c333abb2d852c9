import { createServer, type Server } from 'node:http'
import mqtt from 'mqtt'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { AnswerReport, DeviceDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import type { Telemetry } from '../control/telemetry-message.ts'
import { ConfigError } from '../errors.ts'
import { decodeInferResponse } from '../protocol/codec.ts'
import { EXACT_INT8 } from '../serving/backends/onnx-model.ts'
import { type Catalogue, fileOf, heldPart, loadCatalogue } from '../serving/models/catalogue.ts'
import { decide as publishDecision } from './decide.fixture.ts'
import type { RunningNode } from './node-options.ts'
import {
  binaryWire,
  jsonWire,
  post,
  silent,
  TestNodes,
  testCatalogueFile,
  testRequest,
} from './start-node.fixture.ts'

let catalogueFile: string
let catalogue: Catalogue
let broker: Broker
let orchestrator: ControlPlane
let edge: RunningNode
let cloud: RunningNode
const lasting = new TestNodes()
const nodes = new TestNodes()
const stubs: Server[] = []

beforeAll(async () => {
  catalogueFile = await testCatalogueFile()
  catalogue = await loadCatalogue(catalogueFile)
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  orchestrator = await connectControlPlane({
    url: broker.url,
    clientId: 'orchestrator',
    logger: silent,
  })
  cloud = await lasting.start({ name: 'cloud', tier: 'cloud', broker: broker.url })
  edge = await lasting.start({ name: 'edge', tier: 'edge', cloudUrl: cloud.url })
  await Promise.all([cloud.ready, edge.ready])
})

afterEach(async () => {
  await nodes.closeAll()
  for (const stub of stubs.splice(0)) {
    stub.closeAllConnections()
    stub.close()
  }
})

afterAll(async () => {
  await lasting.closeAll()
  await orchestrator.close()
  await broker.close()
})

/** A server in place of a tier, ready unless told otherwise. */
async function stubTier(answer: Parameters<typeof createServer>[1], port = 0) {
  const stub = createServer(answer)
  await new Promise<void>((resolve) => stub.listen(port, '127.0.0.1', resolve))
  stubs.push(stub)
  const address = stub.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, stub }
}

function decisionFor(device: string, placement: string, round = 7): DeviceDecision {
  const [tier, variant] = placement.split('/') as ['edge', string]
  const fallbackAccuracyPercent = 85
  return {
    session: 's1',
    epoch: 1,
    round,
    device,
    placement: { tier, variant },
    fallbackAccuracyPercent,
  }
}

/** A device that follows one decision for good. */
async function deviceUnder(placement: string, options: object = {}) {
  const name = `device-${Math.random().toString(36).slice(2)}`
  const device = await nodes.start({
    name,
    tier: 'end',
    edgeUrl: edge.url,
    cloudUrl: cloud.url,
    broker: broker.url,
    ...options,
  })
  await device.ready
  await decide(device, name, placement)
  return { device, name }
}

let lastRound = 100
async function decide(device: RunningNode, name: string, placement: string) {
  const round = ++lastRound
  await publishDecision(orchestrator, decisionFor(name, placement, round))
  await vi.waitFor(async () => {
    const { header } = await post(device, 'mobilenet', binaryWire)
    expect(header('round')).toBe(String(round))
  })
}

/** The oracle: the model file run directly. */
async function directly(variant: string): Promise<Uint8Array> {
  const [served] = heldPart(catalogue, [variant]).variants
  const options = { intraOpNumThreads: 1, ...EXACT_INT8 }
  const session = await InferenceSession.create(fileOf(served), options)
  const [input] = testRequest(1).inputs
  if (input === undefined) throw new Error('no input')
  const outputs = await session.run({ input: new Tensor('uint8', input.data, [1, 3, 224, 224]) })
  const output = outputs[catalogue.output.name]?.data
  if (!(output instanceof Float32Array)) throw new Error('no output')
  return new Uint8Array(output.buffer, output.byteOffset, output.byteLength)
}

describe('every route gives what the model gives, bit for bit', () => {
  it.each(['end/d0', 'end/d3', 'end/d7', 'edge/d0', 'cloud/d0', 'edge/d5'])(
    '%s',
    async (placement) => {
      const { device } = await deviceUnder(placement)
      const variant = placement.slice(-2)
      const expected = await directly(variant)
      for (const wire of [binaryWire, jsonWire]) {
        const answer = await post(device, 'mobilenet', wire)
        expect(answer.status).toBe(200)
        expect(answer.header('decision')).toBe(placement)
        const response = decodeInferResponse(answer.wire)
        expect(response.id).toBe('one')
        expect(response.model_name).toBe(variant)
        expect(Buffer.from(response.outputs[0]?.data ?? []).equals(expected)).toBe(true)
      }
    },
  )

  it('serves explicit variants as asked, on any tier, and the best variant for the model off devices', async () => {
    const { device } = await deviceUnder('edge/d0')
    for (const [node, tier] of [
      [device, 'end'],
      [edge, 'edge'],
      [cloud, 'cloud'],
    ] as const) {
      const answer = await post(node, 'd6', binaryWire)
      expect(answer.header('decision')).toBe(`${tier}/d6`)
      expect(answer.header('decided')).toBeNull()
      const [output] = decodeInferResponse(answer.wire).outputs
      expect(Buffer.from(output?.data ?? []).equals(await directly('d6'))).toBe(true)
    }
    expect((await post(edge, 'mobilenet', binaryWire)).header('decision')).toBe('edge/d0')
  })
})

describe('headers', () => {
  it('add up to the response time and tell the decision', async () => {
    const { device } = await deviceUnder('edge/d0')
    const { header } = await post(device, 'mobilenet', binaryWire)
    const ms = (name: string) => Number(header(`${name}-ms`))
    const parts = ms('queue') + ms('compute') + ms('network') + ms('overhead')
    expect(parts).toBeCloseTo(ms('response'), 1)
    expect(ms('compute')).toBeGreaterThan(0)
    expect(ms('network')).toBeGreaterThan(0)
    expect(header('decided')).toBe('edge/d0')
    expect(header('accuracy')).toBe('89.9')
    expect(header('fallback')).toBeNull()
  })
})

describe('fallback', () => {
  it('waits once for a tier that hangs, then serves here at once', async () => {
    let asked = 0
    const hanging = await stubTier((request) => {
      if (request.method === 'POST') asked++
    })
    const options = { edgeUrl: hanging.url, requestTimeoutMs: 300 }
    const { device } = await deviceUnder('edge/d0', options)
    expect(asked).toBe(1)
    const { status, header } = await post(device, 'mobilenet', binaryWire)
    expect(status).toBe(200)
    expect(asked).toBe(1)
    expect(header('fallback')).toBe('1')
    expect(header('decided')).toBe('edge/d0')
    // 85 %: of d0, d1, d4 and d5, d5 counts as the fastest until others have served.
    expect(header('decision')).toBe('end/d5')
  })

  it.each([
    ['answers 500', 500],
    ['is overloaded', 503],
  ])('serves here when the tier %s', async (_what, status) => {
    const failing = await stubTier((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end('{"error":"no"}'))
    })
    const { device } = await deviceUnder('cloud/d0', { cloudUrl: failing.url })
    const answer = await post(device, 'mobilenet', binaryWire)
    expect(answer.status).toBe(200)
    expect(answer.header('decision')).toMatch(/^end\//)
  })

  it('passes on what the tier calls the client’s error', async () => {
    const strict = await stubTier((request, response) => {
      request.resume().on('end', () => {
        const refused = request.url?.includes('/d1/')
        response.writeHead(refused ? 400 : 200).end('{"error":"odd shape"}')
      })
    })
    const { device, name } = await deviceUnder('edge/d0', { edgeUrl: strict.url })
    await publishDecision(orchestrator, decisionFor(name, 'edge/d1'))
    await vi.waitFor(async () => {
      const answer = await post(device, 'mobilenet', binaryWire)
      expect(answer.status).toBe(400)
      expect(Buffer.from(answer.wire.body).toString()).toContain('odd shape')
    })
  })

  it('serves here while the tier is gone, and there again once it is back', async () => {
    const first = await nodes.start({ name: 'edge-2', tier: 'edge' })
    await first.ready
    const { device } = await deviceUnder('edge/d0', { edgeUrl: first.url })
    expect((await post(device, 'mobilenet', binaryWire)).header('decision')).toBe('edge/d0')
    await first.close()
    const alone = await post(device, 'mobilenet', binaryWire)
    expect([alone.status, alone.header('fallback')]).toEqual([200, '1'])
    const port = Number(new URL(first.url).port)
    await nodes.start({ name: 'edge-2', tier: 'edge', port })
    await vi.waitFor(
      async () => {
        const answer = await post(device, 'mobilenet', binaryWire)
        expect(answer.status).toBe(200)
        expect(answer.header('decision')).toBe('edge/d0')
      },
      { timeout: 10_000, interval: 50 },
    )
  })

  it('serves here what is to go to a tier that the device has no address of', async () => {
    const { device } = await deviceUnder('cloud/d0', { cloudUrl: undefined })
    expect((await post(device, 'mobilenet', binaryWire)).header('fallback')).toBe('1')
  })
})

describe('observations', () => {
  it('tells of every orchestrated request, and of no other', async () => {
    const { device, name } = await deviceUnder('edge/d0')
    await new Promise((resolve) => setTimeout(resolve, 100))
    const heard: AnswerReport[] = []
    const end = await orchestrator.subscribe('observation', (message) => heard.push(message), name)
    const { header } = await post(device, 'mobilenet', binaryWire)
    await post(device, 'd7', binaryWire)
    await post(device, 'mobilenet', { body: Buffer.from('{') })
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0))
    await new Promise((resolve) => setTimeout(resolve, 100))
    end()
    expect(heard).toHaveLength(1)
    expect(heard[0]).toMatchObject({
      device: name,
      session: 's1',
      round: Number(header('round')),
      decided: { tier: 'edge', variant: 'd0' },
      served: { tier: 'edge', variant: 'd0' },
      accuracyPercent: 89.9,
      failed: false,
    })
    expect(heard[0]?.responseTimeMs).toBeCloseTo(Number(header('response-ms')), 2)
  })
})

describe('the control plane', () => {
  it('may be absent at the start and come later', async () => {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const url = `mqtt://127.0.0.1:${port}`
    const device = await nodes.start({ name: 'early', tier: 'end', broker: url })
    await device.ready
    const before = await post(device, 'mobilenet', binaryWire)
    expect([before.header('decision'), before.header('round')]).toEqual(['end/d0', '0'])
    const late = await startBroker({ port, host: '127.0.0.1', logger: silent })
    const speaker = await connectControlPlane({ url, clientId: 'speaker', logger: silent })
    await publishDecision(speaker, decisionFor('early', 'end/d4'))
    await vi.waitFor(
      async () => {
        const { header } = await post(device, 'mobilenet', binaryWire)
        expect(header('decision')).toBe('end/d4')
      },
      { timeout: 10_000, interval: 50 },
    )
    await speaker.close()
    await nodes.closeAll()
    await late.close()
  })

  it('leaves the decision as it is when garbage or an unknown variant comes', async () => {
    const { device, name } = await deviceUnder('end/d4')
    const stranger = await mqtt.connectAsync(broker.url)
    const topic = `tierwise/decision/${name}`
    const unknown = JSON.stringify(decisionFor(name, 'end/d9'))
    for (const garbage of ['', '{', '[]', 'x'.repeat(70_000), unknown]) {
      await stranger.publishAsync(topic, garbage, { qos: 1 })
    }
    await stranger.endAsync()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await post(device, 'mobilenet', binaryWire)).header('decision')).toBe('end/d4')
  })

  it('hears how the node is, and when it is ready', async () => {
    const heard: Telemetry[] = []
    const end = await orchestrator.subscribe('telemetry', (message) => heard.push(message), 'told')
    const options = { broker: broker.url, edgeUrl: edge.url, backgroundProcessorPercent: 60 }
    const node = await nodes.start({ name: 'told', tier: 'end', ...options })
    await node.ready
    await post(node, 'd7', binaryWire)
    await vi.waitFor(() =>
      expect(heard.at(-1)).toMatchObject({
        alive: true,
        url: node.url,
        ready: true,
        state: { processor: 1 },
        service: { requests: 1, failedRequests: 0, queueDepth: 0 },
      }),
    )
    const last = heard.at(-1)
    if (!last?.alive) throw new Error('not alive')
    expect(last.measured.roundTripMs).toBeGreaterThan(0)
    expect(last.measured.memoryUsedPercent).toBeGreaterThan(0)
    end()
  })

  it('says goodbye when the node closes', async () => {
    const heard: Telemetry[] = []
    const end = await orchestrator.subscribe('telemetry', (message) => heard.push(message), 'brief')
    const node = await nodes.start({ name: 'brief', tier: 'end', broker: broker.url })
    await node.close()
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ alive: false, node: 'brief' }))
    end()
  })
})

describe('consulted', () => {
  it('asks the cloud by way of the edge for every request, and keeps the last decision without it', async () => {
    let placement = 'end/d4'
    let asked = 0
    const deciding = await nodes.start({
      name: 'cloud-3',
      tier: 'cloud',
      extend: (app) => {
        app.get<{ Params: { device: string } }>('/v2/tierwise/decision/:device', ({ params }) => {
          asked++
          return decisionFor(params.device, placement)
        })
      },
    })
    const relay = await nodes.start({ name: 'edge-3', tier: 'edge', cloudUrl: deciding.url })
    const device = await nodes.start({
      name: 'asking',
      tier: 'end',
      mode: 'consulted',
      edgeUrl: relay.url,
    })
    await Promise.all([deciding.ready, relay.ready, device.ready])
    expect((await post(device, 'mobilenet', binaryWire)).header('decision')).toBe('end/d4')
    placement = 'edge/d0'
    expect((await post(device, 'mobilenet', binaryWire)).header('decision')).toBe('edge/d0')
    expect(asked).toBe(2)
    await deciding.close()
    const after = await post(device, 'mobilenet', binaryWire)
    expect([after.status, after.header('decision')]).toEqual([200, 'edge/d0'])
  })

  it('needs somebody to ask', async () => {
    const start = nodes.start({ name: 'lost', tier: 'end', mode: 'consulted' })
    await expect(start).rejects.toThrow(ConfigError)
  })
})

it('answers wrong requests with what is wrong', async () => {
  const error = async (model: string, wire: Parameters<typeof post>[2]) => {
    const answer = await post(edge, model, wire)
    return [answer.status, Buffer.from(answer.wire.body).toString()]
  }
  const tensor = { name: 'input', datatype: 'UINT8', shape: [1, 3, 2, 2], data: Array(12).fill(0) }
  const json = (inputs: object[]) => ({ body: Buffer.from(JSON.stringify({ inputs })) })
  expect(await error('d9', binaryWire)).toEqual([404, expect.stringContaining('d9')])
  expect(await error('d0', json([tensor]))).toEqual([400, expect.stringContaining('[1,3,2,2]')])
  expect(await error('d0', json([{ ...tensor, datatype: 'INT8' }]))).toEqual([
    400,
    expect.stringContaining('INT8'),
  ])
  const cut = { ...binaryWire, body: binaryWire.body.subarray(0, 1000) }
  expect(await error('mobilenet', cut)).toEqual([400, expect.stringContaining('error')])
  const huge = { body: new Uint8Array(9 * 1024 * 1024) }
  expect(await error('d0', huge)).toEqual([413, expect.stringContaining('limit')])
})
