import { connect } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { type Broker, type BrokerOptions, startBroker } from './broker.ts'

const brokers: Broker[] = []
const clients: MqttClient[] = []
let lines: string[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await Promise.all(brokers.splice(0).map((broker) => broker.close()))
})

async function start(limits: BrokerOptions['limits']): Promise<Broker> {
  lines = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const broker = await startBroker({ port: 0, host: '127.0.0.1', logger, limits })
  brokers.push(broker)
  return broker
}

async function join({ url }: Broker, clientId: string, clean = true): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { clientId, clean, reconnectPeriod: 0 })
  client.on('error', () => {})
  clients.push(client)
  return client
}

const closed = (client: MqttClient) =>
  new Promise<void>((resolve) => client.once('close', () => resolve()))

it.each([
  'other/goal',
  'tierwise/unknown/x',
  'tierwise/goal/x',
  `tierwise/telemetry/${'x'.repeat(600)}`,
])('refuses what no message of the fleet goes to: %s', async (topic) => {
  const broker = await start({ prefix: 'tierwise' })
  const good = await join(broker, 'good')
  await good.publishAsync('tierwise/goal', '{}', { qos: 1 })
  const bad = await join(broker, 'bad')
  bad.publish(topic, 'x')
  await closed(bad)
  expect(lines.join()).toContain('there is no topic')
  await good.publishAsync('tierwise/telemetry/a', '{}', { qos: 1 })
})

/** CONNECT as `raw` with a last will at `goal`, retained: `x` (MQTT 3.1.1, section 3.1). */
const withWill = (qos: number) => {
  const header = [0x10, 24, 0, 4, 77, 81, 84, 84, 4, 0b0010_0110 | (qos << 3), 0, 60]
  return Buffer.from([...header, 0, 3, 114, 97, 119, 0, 4, 103, 111, 97, 108, 0, 1, 120])
}

it('passes on no last will that would drive its readers away', async () => {
  const broker = await start({})
  const reader = await join(broker, 'reader')
  const heard: string[] = []
  reader.on('message', (_, payload) => heard.push(payload.toString()))
  await reader.subscribeAsync('goal', { qos: 1 })
  const die = async (qos: number) => {
    const socket = connect(broker.port, '127.0.0.1')
    socket.write(withWill(qos))
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
  }
  await die(3)
  await expect.poll(() => lines.join()).toContain('there is no quality of service 3')
  await die(2)
  await expect.poll(() => heard).toEqual(['x'])
})

it('retains so many bytes, counts topics anew when they are replaced, and takes cleared ones back', async () => {
  const broker = await start({ retainedBytes: 1000 })
  const retain = async (client: MqttClient, topic: string, bytes: number) =>
    client.publishAsync(topic, 'x'.repeat(bytes), { qos: 1, retain: true })
  const one = await join(broker, 'one')
  for (let time = 0; time < 5; time++) await retain(one, 'a', 900)
  const other = await join(broker, 'other')
  other.publish('b', 'x'.repeat(200), { retain: true })
  await closed(other)
  expect(lines.join()).toContain('over 1000 bytes')
  await retain(one, 'a', 0)
  await retain(one, 'b', 900)
  const reader = await join(broker, 'reader')
  const topics: string[] = []
  reader.on('message', (topic) => topics.push(topic))
  await reader.subscribeAsync('#', { qos: 1 })
  await expect.poll(() => topics).toEqual(['b'])
})

it('keeps nothing for a client that has gone', async () => {
  const broker = await start({})
  const absent = await join(broker, 'absent', false)
  await absent.subscribeAsync('#', { qos: 1 })
  await absent.endAsync()
  const sender = await join(broker, 'sender')
  for (let message = 0; message < 10; message++) await sender.publishAsync('a', 'x', { qos: 1 })
  const again = mqtt.connect(broker.url, { clientId: 'absent', clean: false, reconnectPeriod: 0 })
  clients.push(again)
  const heard: string[] = []
  again.on('message', (topic) => heard.push(topic))
  const present = await new Promise((resolve) =>
    again.once('connect', ({ sessionPresent }) => resolve(sessionPresent)),
  )
  expect(present).toBe(false)
  await again.subscribeAsync('b', { qos: 1 })
  await sender.publishAsync('b', 'x', { qos: 1 })
  await expect.poll(() => heard).toEqual(['b'])
})

it('cuts off a client that does not read', async () => {
  const broker = await start({ queuedBytes: 100_000 })
  const socket = connect(broker.port, '127.0.0.1')
  socket.on('error', () => {})
  // CONNECT as `raw`, SUBSCRIBE to `#` at QoS 0 (MQTT 3.1.1, sections 3.1 and 3.8); never read.
  socket.write(Buffer.from([0x10, 15, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 3, 114, 97, 119]))
  socket.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 35, 0]))
  const sender = await join(broker, 'sender')
  await expect.poll(() => broker.connections).toBe(2)
  const payload = 'x'.repeat(60_000)
  for (let message = 0; message < 400 && broker.connections === 2; message++) {
    await sender.publishAsync('a', payload, { qos: 1 })
  }
  expect(broker.connections).toBe(1)
  expect(lines.join()).toContain('bytes unread')
  socket.destroy()
}, 30_000)

it('reads later what comes too fast, and others’ meanwhile', async () => {
  const broker = await start({ messagesPerSecond: 100 })
  const [fast, slow] = [await join(broker, 'fast'), await join(broker, 'slow')]
  const beginMs = performance.now()
  const sent = Array.from({ length: 260 }, () => fast.publishAsync('a', 'x', { qos: 1 }))
  await slow.publishAsync('a', 'x', { qos: 1 })
  await Promise.all(sent)
  // 200 at once, the others 10 ms apart.
  expect(performance.now() - beginMs).toBeGreaterThan(400)
})

it('takes so many subscriptions of one client', async () => {
  const broker = await start({ subscriptions: 3 })
  const client = await join(broker, 'greedy')
  await client.subscribeAsync(['a', 'b', 'c'])
  await client.subscribeAsync('a')
  client.subscribe('d')
  await closed(client)
  expect(lines.join()).toContain('more than 3 subscriptions')
})

it('takes no filter that is long, and its log stays short', async () => {
  const broker = await start({})
  const client = await join(broker, 'c'.repeat(60_000))
  client.subscribe('x'.repeat(600))
  await closed(client)
  expect(lines.join()).toContain('a filter of 600 characters, over 512')
  expect(lines.join().length).toBeLessThan(1000)
})
