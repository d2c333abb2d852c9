/** Nodes among each other: requests, decisions and telemetry of a device that shows its certificate, and of one that no longer may. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BrokerGuard } from '../src/access/broker-guard.ts'
import { clientTls, serverTls } from '../src/access/credentials.ts'
import { type Broker, startBroker } from '../src/control/broker.ts'
import type { ControlPlane } from '../src/control/control-plane.ts'
import { connectControlPlane } from '../src/control/mqtt-control-plane.ts'
import type { Telemetry } from '../src/control/telemetry-message.ts'
import { UnavailableError } from '../src/errors.ts'
import { decide } from '../src/node/decide.fixture.ts'
import type { RunningNode } from '../src/node/node-options.ts'
import { binaryWire, TestNodes } from '../src/node/start-node.fixture.ts'
import { InferenceClient } from '../src/protocol/client.ts'
import { recording, type TestFleet, testFleet } from './access.fixture.ts'

const nodes = new TestNodes()
let fleet: TestFleet
let broker: Broker
let orchestrator: ControlPlane
let device: RunningNode
const heard: Telemetry[] = []

beforeAll(async () => {
  fleet = await testFleet()
  const { credentials, gate, roster } = await fleet.access('cloud')
  broker = await startBroker({
    ...{ port: 0, host: '127.0.0.1', logger: recording },
    ...{ tls: serverTls(credentials), door: new BrokerGuard(gate) },
  })
  const { name = '', password = '' } = credentials.orchestrator ?? {}
  orchestrator = await connectControlPlane({
    ...{ url: broker.url, clientId: name, username: name, password, logger: recording },
    tls: clientTls(credentials),
  })
  await orchestrator.subscribe('telemetry', (telemetry) => heard.push(telemetry))
  await orchestrator.publish('roster', roster.newest)
  const edge = await nodes.start({
    ...{ name: 'edge-1', tier: 'edge', variants: ['d7'], broker: broker.url, logger: recording },
    access: await fleet.access('edge-1'),
  })
  device = await nodes.start({
    ...{ name: 'camera-1', tier: 'end', variants: ['d7'], broker: broker.url, logger: recording },
    edgeUrl: edge.url,
    access: await fleet.access('camera-1'),
  })
  await Promise.all([edge.ready, device.ready])
})
afterAll(async () => {
  await nodes.closeAll()
  await orchestrator.close()
  await broker.close()
  expect(fleet.leaks()).toEqual([])
  await fleet.close()
})

async function infer() {
  const token = fleet.callers.find(({ title }) => title === 'shop, application')?.token
  const { credentials } = await fleet.access('camera-1')
  const tls = clientTls(credentials, ['end'])
  const client = new InferenceClient(device.url, { timeoutMs: 5000, connections: 1, tls, token })
  const { headers } = await client.forward('mobilenet', binaryWire, {})
  await client.close()
  return headers
}

test('a device tells of itself, hears its decision, and its edge serves it', async () => {
  await vi.waitFor(() => {
    const alive = heard.filter((telemetry) => telemetry.alive)
    expect(alive.map(({ node }) => node)).toEqual(expect.arrayContaining(['camera-1', 'edge-1']))
    // By the round trip, which it measures with its certificate, it knows its edge.
    const reaches = alive.flatMap(({ reaches }) => (reaches?.edge ? [reaches.edge] : []))
    expect(reaches).toContain('edge-1')
  }, 10_000)
  await decide(orchestrator, {
    ...{ session: 's', round: 1, device: 'camera-1', fallbackAccuracyPercent: 0 },
    placement: { tier: 'edge', variant: 'd7' },
  })
  await vi.waitFor(async () => {
    expect(await infer()).toMatchObject({
      'x-tierwise-node': 'camera-1',
      'x-tierwise-decision': 'edge/d7',
    })
  }, 5000)
})

test('a device whose certificate is revoked is served by nobody else: it serves by itself', async () => {
  await fleet.authority.authority.revoke('camera-1', Date.now())
  await vi.waitFor(async () => {
    const { 'x-tierwise-decision': served, 'x-tierwise-fallback': fallback } = await infer()
    expect([served, fallback]).toEqual(['end/d7', '1'])
  }, 10_000)
  const { credentials } = await fleet.access('camera-1')
  const enter = () =>
    connectControlPlane({
      ...{ url: broker.url, clientId: 'camera-1', logger: recording },
      tls: clientTls(credentials),
    }).then((control) => control.close())
  await vi.waitFor(() => expect(enter()).rejects.toThrow(UnavailableError), 5000)
})
