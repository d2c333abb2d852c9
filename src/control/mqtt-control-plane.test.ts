import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, UnavailableError } from '../errors.ts'
import { Random } from '../random.ts'
import { type Broker, startBroker } from './broker.ts'
import {
  collector,
  decisionOf,
  describeControlPlane,
  liveTelemetry,
  observationOf,
} from './control-plane.conformance.ts'
import type { ControlPlane } from './control-plane.ts'
import type { AnswerReport, DeviceDecision } from './messages.ts'
import { connectControlPlane, type MqttOptions } from './mqtt-control-plane.ts'
import type { Telemetry } from './telemetry-message.ts'

const logger = pino({ level: 'silent' })
const http = createServer()
let broker: Broker
let webSocketUrl: string
let prefixes = 0

beforeAll(async () => {
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger })
  broker.attachWebSocket(http, '/mqtt')
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  webSocketUrl = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`
})
afterAll(async () => {
  await broker.close()
  http.close()
})

const planes: ControlPlane[] = []
const connect = async (options: Partial<MqttOptions> & { clientId: string }) => {
  const plane = await connectControlPlane({ url: broker.url, logger, ...options })
  planes.push(plane)
  return plane
}
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.close()))
})
const freshPrefix = () => `test-${++prefixes}`

for (const name of ['tcp', 'ws'] as const) {
  describeControlPlane(name, (clientId) => {
    const url = name === 'tcp' ? broker.url : webSocketUrl
    return connectControlPlane({ url, clientId: `${name}-${clientId}`, prefix: name, logger })
  })
}

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
it.skipIf(!hasIpv6)('reaches a broker at an IPv6 address, by TCP and by WebSocket', async () => {
  const there = await startBroker({ port: 0, host: '::1', logger })
  const server = createServer()
  there.attachWebSocket(server, '/mqtt')
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve))
  const { port } = server.address() as AddressInfo
  for (const url of [there.url, `ws://[::1]:${port}/mqtt`]) {
    const plane = await connectControlPlane({ url, clientId: 'six', logger })
    await plane.close()
  }
  await there.close()
  server.close()
})

describe('connection', () => {
  it('names the URL and the remedy when no broker answers', async () => {
    const failure = connect({ url: 'mqtt://127.0.0.1:1', clientId: 'x' })
    await expect(failure).rejects.toThrow(UnavailableError)
    await expect(failure).rejects.toThrow(/mqtt:\/\/127\.0\.0\.1:1.*start the broker/)
  })

  it.each(['http://127.0.0.1:1883', 'broker:1883', ''])('refuses the URL "%s"', async (url) => {
    await expect(connect({ url, clientId: 'x' })).rejects.toThrow(ConfigError)
  })

  it('gives up in time on a host that accepts and stays silent', async () => {
    const silent = createTcpServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `mqtt://127.0.0.1:${(silent.address() as AddressInfo).port}`
    await expect(connect({ url, clientId: 'x', connectTimeoutMs: 100 })).rejects.toThrow(
      UnavailableError,
    )
    silent.close()
  })
})

describe('user and password of the URL', () => {
  const user = 'al:ice'
  const password = 'p@ss:w/rd%41'
  const encoded = [user, password].map(encodeURIComponent).join(':')
  let guarded: Aedes
  const server = createTcpServer()
  beforeAll(async () => {
    guarded = await Aedes.createBroker({
      authenticate: (_, givenUser, givenPassword, done) =>
        done(null, givenUser === user && givenPassword?.toString() === password),
    })
    server.on('connection', (socket) => guarded.handle(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    await new Promise<void>((resolve) => guarded.close(resolve))
    server.close()
  })
  const at = (credentials: string) =>
    `mqtt://${credentials}@127.0.0.1:${(server.address() as AddressInfo).port}`

  it('are decoded once, whatever stands in them', async () => {
    const plane = await connect({ url: at(encoded), clientId: 'x' })
    expect(plane.connected).toBe(true)
  })

  it('give way to those given apart', async () => {
    const apart = { username: user, password }
    const plane = await connect({ url: at('someone:else'), clientId: 'y', ...apart })
    expect(plane.connected).toBe(true)
  })

  it.each(['al%3Aice:wrong', 'al%3Aice', `${encodeURIComponent(user)}:p@ss%3Aw%2Frd%41`])(
    'are refused by the broker, and not told: %s',
    async (wrong) => {
      const failure = connect({ url: at(wrong), clientId: 'x' })
      await expect(failure).rejects.toThrow(UnavailableError)
      await expect(failure).rejects.not.toThrow(/ice/)
    },
  )

  it('are refused where they are not percent-encoded', async () => {
    const failure = connect({ url: at('alice:100%'), clientId: 'x' })
    await expect(failure).rejects.toThrow(ConfigError)
    await expect(failure).rejects.toThrow(/"mqtt:\/\/\*\*\*@.*percent-encoded/)
  })
})

describe('a broker that comes late, or goes', () => {
  it('starts without a broker, keeps what matters, and catches up when the broker comes', async () => {
    const probe = await startBroker({ port: 0, host: '127.0.0.1', logger })
    const { port, url } = probe
    await probe.close()
    const device = await connect({
      url,
      clientId: 'device',
      startOffline: true,
      maxQueuedObservations: 3,
    })
    expect(device.connected).toBe(false)
    const decisions = collector<DeviceDecision>()
    await device.subscribe('decision', decisions.add, 'device-1')
    for (let round = 0; round < 5; round++)
      await device.publish('observation', observationOf(round))
    await device.publish('telemetry', { ...liveTelemetry, ready: false })
    await device.publish('telemetry', liveTelemetry)
    expect(device.droppedPublications).toBe(2)

    const late = await startBroker({ port, host: '127.0.0.1', logger })
    const cloud = await connect({ url, clientId: 'cloud' })
    const [telemetry, observations] = [collector<Telemetry>(), collector<AnswerReport>()]
    await cloud.subscribe('telemetry', telemetry.add)
    await cloud.subscribe('observation', observations.add)
    await cloud.publish('decision', decisionOf('device-1', 4))
    expect(await telemetry.until(1)).toEqual([liveTelemetry])
    expect((await observations.until(3)).map(({ round }) => round)).toEqual([2, 3, 4])
    expect(await decisions.until(1)).toEqual([decisionOf('device-1', 4)])
    await late.close()
  })

  it('comes back after a broker that forgot everything: subscriptions and retained messages', async () => {
    const first = await startBroker({ port: 0, host: '127.0.0.1', logger })
    const { port, url } = first
    const sender = await connect({ url, clientId: 'sender' })
    const receiver = await connect({ url, clientId: 'receiver' })
    const observations = collector<AnswerReport>()
    await receiver.subscribe('observation', observations.add)
    await sender.publish('decision', decisionOf('device-1', 3))
    await first.close()
    const second = await startBroker({ port, host: '127.0.0.1', logger })
    const late = await connect({ url, clientId: 'late' })
    const decisions = collector<DeviceDecision>()
    await late.subscribe('decision', decisions.add)
    expect(await decisions.until(1)).toEqual([decisionOf('device-1', 3)])
    while (!receiver.connected) await new Promise((resolve) => setTimeout(resolve, 10))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await sender.publish('observation', observationOf(9))
    expect((await observations.until(1))[0]?.round).toBe(9)
    await second.close()
  })
})

describe('last will', () => {
  it('publishes the last will of a client that is lost, and not of one that leaves', async () => {
    const prefix = freshPrefix()
    const watcher = await connect({ clientId: 'watcher', prefix })
    const telemetry = collector<Telemetry>()
    await watcher.subscribe('telemetry', telemetry.add)
    const will = (node: string): Telemetry => ({ alive: false, node, tier: 'end' })
    const leaving = await connect({ clientId: 'leaving', prefix, lastWill: will('leaving') })
    await leaving.close()
    const lost = mqtt.connect(broker.url, {
      clientId: 'lost',
      will: {
        topic: `${prefix}/telemetry/lost`,
        payload: Buffer.from(JSON.stringify(will('lost'))),
        qos: 1,
        retain: true,
      },
    })
    await new Promise((resolve) => lost.once('connect', resolve))
    lost.stream.destroy()
    lost.end(true)
    expect(await telemetry.until(1)).toEqual([will('lost')])
  })
})

describe('garbage', () => {
  const topics = ['telemetry/x', 'observation/x', 'goal', 'decision/x', 'decision']
  const junk = (random: Random): Buffer => {
    const kind = random.integer(6)
    if (kind === 0) return Buffer.from(Array.from({ length: 40 }, () => random.integer(256)))
    if (kind === 1) return Buffer.from('{"accuracyPercent":')
    if (kind === 2) return Buffer.from(JSON.stringify({ accuracyPercent: 100 + random.uniform() }))
    if (kind === 3)
      return Buffer.from(JSON.stringify({ ...observationOf(1), accuracyPercent: '9' }))
    if (kind === 4) return Buffer.from('['.repeat(20_000))
    return Buffer.from(`{"__proto__":{"alive":true},"round":${random.integer(9) - 10}}`)
  }

  it('on every topic is counted, dropped, logged once a kind, and nothing else', async () => {
    const prefix = freshPrefix()
    const lines: string[] = []
    const counted = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
    const victim = await connect({ clientId: 'victim', prefix, logger: counted })
    const received = collector<unknown>()
    for (const kind of ['telemetry', 'observation', 'decision', 'jointDecision'] as const) {
      await victim.subscribe(kind, received.add)
    }
    const goals = collector<unknown>()
    await victim.subscribe('goal', goals.add)
    const attacker = await mqtt.connectAsync(broker.url, { clientId: 'attacker' })
    const random = new Random(7)
    for (let round = 0; round < 200; round++) {
      for (const topic of topics) await attacker.publishAsync(`${prefix}/${topic}`, junk(random))
    }
    const large = JSON.stringify({ ...decisionOf('x', 1), padding: 'x'.repeat(70_000) })
    await attacker.publishAsync(`${prefix}/decision/x`, large, { qos: 1 })
    const aboutAnother = JSON.stringify(observationOf(1, 'y'))
    await attacker.publishAsync(`${prefix}/observation/x`, aboutAnother)
    await attacker.publishAsync(`${prefix}/goal`, '{"accuracyPercent":85}', { qos: 1 })
    expect(await goals.until(1)).toEqual([{ accuracyPercent: 85 }])
    expect(received.messages).toEqual([])
    expect(victim.droppedMessages).toBe(1002)
    expect(lines.filter((line) => line.includes('malformed'))).toHaveLength(5)
    await attacker.endAsync()
  })
})
