/** Every topic of the embedded broker, spoken and listened on by everybody: nothing is open beyond the table of rights. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { BrokerGuard } from '../src/access/broker-guard.ts'
import { serverTls } from '../src/access/credentials.ts'
import { mayPublish, maySubscribe, TOPIC_RIGHTS } from '../src/access/rights.ts'
import { type Broker, startBroker } from '../src/control/broker.ts'
import type { MessageKind } from '../src/control/messages.ts'
import { hasSubject, topicOf } from '../src/control/topics.ts'
import { type Caller, recording, type TestFleet, testFleet } from './access.fixture.ts'

let fleet: TestFleet
let broker: Broker
const clients: MqttClient[] = []

beforeAll(async () => {
  fleet = await testFleet()
  const { credentials, gate } = await fleet.access('cloud')
  broker = await startBroker({
    ...{ port: 0, host: '127.0.0.1', logger: recording },
    ...{ tls: serverTls(credentials), door: new BrokerGuard(gate) },
  })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
})
afterAll(async () => {
  await broker.close()
  expect(fleet.leaks()).toEqual([])
  await fleet.close()
})

/** How somebody comes: with a name and a password, with a certificate, or with both. */
function waysOf({ login, certificate }: Caller): IClientOptions[] {
  const said = login && { username: login.name, password: login.password }
  const shown = certificate && { cert: certificate.certificate, key: certificate.key }
  const ways = [said, shown, said && shown && { ...said, ...shown }].filter(
    (way) => way !== undefined,
  )
  return ways.length > 0 ? ways : [{}]
}

async function connected(way: IClientOptions, clientId: string): Promise<MqttClient> {
  const options = { ...way, clientId, ca: fleet.ca, reconnectPeriod: 0 }
  const client = await mqtt.connectAsync(broker.url, options, false)
  clients.push(client.on('error', () => {}))
  return client
}

const idOf = ({ identity, login }: Caller) => identity?.name ?? login?.name ?? 'somebody'
const KINDS = Object.keys(TOPIC_RIGHTS) as MessageKind[]
const subjects = (kind: MessageKind, own: string, more: string[] = []) =>
  hasSubject(kind) ? [own, 'camera-9', ...more] : [undefined]

/** Whether the broker takes it: it acknowledges, or it closes the connection. */
function published(client: MqttClient, topic: string): Promise<boolean> {
  return new Promise((resolve) => {
    client.once('close', () => resolve(false))
    client.publish(topic, '', { qos: 1 }, (error) => resolve(!error))
  })
}

async function subscribed(client: MqttClient, filter: string): Promise<boolean> {
  const granted = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [])
  return granted.some(({ qos }) => qos < 128)
}

test('who is not known is not let in, by whatever they show', async () => {
  let refused = 0
  for (const caller of fleet.callers.filter(({ identity }) => identity === undefined)) {
    for (const way of waysOf(caller)) {
      const entered = connected(way, idOf(caller)).then(() => caller.title)
      await expect(entered).rejects.toThrow('Not authorized')
      refused++
    }
  }
  expect(refused).toBeGreaterThan(10)
})

describe('those who are known', () => {
  test('publish on the topics of the table alone', async () => {
    const counts = { true: 0, false: 0 }
    for (const caller of fleet.callers) {
      const { identity } = caller
      const [way] = waysOf(caller)
      if (identity === undefined || way === undefined) continue
      for (const kind of KINDS) {
        for (const subject of subjects(kind, identity.name)) {
          const topic = topicOf('tierwise', kind, subject)
          const client = await connected(way, idOf(caller))
          const may = mayPublish(identity, topic)
          expect([caller.title, topic, await published(client, topic)]).toEqual([
            caller.title,
            topic,
            may,
          ])
          counts[`${may}`]++
          await client.endAsync(true)
        }
      }
    }
    expect(counts.true).toBeGreaterThan(10)
    expect(counts.false).toBeGreaterThan(30)
  })

  test('listen to the topics of the table alone', async () => {
    const counts = { true: 0, false: 0 }
    for (const caller of fleet.callers) {
      const { identity } = caller
      const [way] = waysOf(caller)
      if (identity === undefined || way === undefined) continue
      const client = await connected(way, idOf(caller))
      const filters = KINDS.flatMap((kind) =>
        subjects(kind, identity.name, ['+', '#']).map((subject) =>
          topicOf('tierwise', kind, subject),
        ),
      )
      for (const filter of [...filters, '#', '+/+', 'tierwise/#', '$SYS/#']) {
        const may = maySubscribe(identity, filter)
        expect([caller.title, filter, await subscribed(client, filter)]).toEqual([
          caller.title,
          filter,
          may,
        ])
        counts[`${may}`]++
      }
    }
    expect(counts.true).toBeGreaterThan(20)
    expect(counts.false).toBeGreaterThan(100)
  })
})

const caller = (title: string) => fleet.callers.find((one) => one.title === title) as Caller

test('a client id is nobody else’s: no takeover', async () => {
  const [own = {}] = waysOf(caller('camera-1, a node'))
  const camera = await connected(own, 'camera-1')
  const closed = vi.fn()
  camera.once('close', closed)
  for (const [title, id] of [
    ['camera-2, a node', 'camera-1'],
    ['cloud, a node', 'camera-1'],
    ['edge-1, a node', 'orchestrator@cloud'],
  ] as const) {
    for (const way of waysOf(caller(title))) {
      await expect(connected(way, id)).rejects.toThrow('Not authorized')
    }
  }
  // Another's certificate beside a right password is two machines in one.
  const { certificate } = caller('camera-2, a node')
  const mixed = { ...own, cert: certificate?.certificate ?? '', key: certificate?.key ?? '' }
  await expect(connected(mixed, 'camera-1')).rejects.toThrow('Not authorized')
  // People's ids are below their names, whatever they say.
  const [alice = {}] = waysOf(caller('alice, operator'))
  await connected(alice, 'camera-1')
  await published(camera, 'tierwise/telemetry/camera-1')
  expect(closed).not.toHaveBeenCalled()
})

test('a last will is published only where its client may publish', async () => {
  const [vera = {}] = waysOf(caller('vera, viewer'))
  const heard = vi.fn()
  const reader = await connected(vera, 'reader')
  reader.on('message', heard)
  await reader.subscribeAsync('tierwise/telemetry/+')
  await reader.subscribeAsync('tierwise/goal')
  for (const [title, topic] of [
    ['camera-1, a node', 'tierwise/goal'],
    ['camera-2, a node', 'tierwise/telemetry/camera-1'],
    ['camera-2, a node', 'tierwise/telemetry/camera-2'],
  ] as const) {
    const [way] = waysOf(caller(title))
    const will = { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false }
    const client = await connected({ ...way, will }, title.split(',')[0] ?? '')
    client.stream.destroy()
  }
  await vi.waitFor(() => expect(heard).toHaveBeenCalled())
  expect(heard.mock.calls.map(([topic]) => topic)).toEqual(['tierwise/telemetry/camera-2'])
})

test('who is revoked is put out, and stays out', async () => {
  const { credentials } = await fleet.authority.person('nina', 'operator')
  const login = { username: 'nina', password: credentials.token }
  const client = await vi.waitFor(() => connected(login, 'x'), 5000)
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  await fleet.authority.authority.revoke('nina', Date.now())
  await closed
  await expect(connected(login, 'x')).rejects.toThrow('Not authorized')
})
