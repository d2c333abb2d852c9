import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import mqtt from 'mqtt'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { ConfigError } from '../errors.ts'
import { Random } from '../random.ts'
import { type Broker, type BrokerOptions, startBroker } from './broker.ts'
import { PacketLimit } from './packet-limit.ts'

const logger = pino({ level: 'silent' })
const brokers: Broker[] = []
const start = async (options: Partial<BrokerOptions> = {}) => {
  const broker = await startBroker({ port: 0, host: '127.0.0.1', logger, ...options })
  brokers.push(broker)
  return broker
}
afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.close()))
})

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))
const rawConnection = async ({ port }: Broker): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
/** CONNECT of MQTT 3.1.1 with client id `raw` (section 3.1). */
const connectPacket = Buffer.from([0x10, 15, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 3, 114, 97, 119])

describe('broker', () => {
  it('names the address and the remedy when the port is in use', async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toThrow(ConfigError)
    await expect(start({ port })).rejects.toThrow(
      new RegExp(`127\\.0\\.0\\.1:${port} .*choose another port`),
    )
  })

  it('refuses connections over its limit, TCP and WebSocket together, and takes them again', async () => {
    const broker = await start({ maxConnections: 2 })
    const http = createServer()
    broker.attachWebSocket(http, '/mqtt')
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`
    const first = await mqtt.connectAsync(broker.url, { clientId: 'first' })
    const second = await mqtt.connectAsync(url, { clientId: 'second' })
    expect(broker.connections).toBe(2)
    await closed(await rawConnection(broker))
    const refused = new WebSocket(url, 'mqtt')
    await new Promise((resolve) => refused.once('close', resolve))
    await second.endAsync()
    const third = await mqtt.connectAsync(broker.url, { clientId: 'third' })
    await first.endAsync()
    await third.endAsync()
    http.close()
  })
})

describe('what a broker does not put up with', () => {
  it('cuts a connection that announces a packet over the limit, before it comes', async () => {
    const broker = await start({ maxPacketBytes: 1000 })
    const socket = await rawConnection(broker)
    socket.write(connectPacket)
    await new Promise((resolve) => socket.once('data', resolve)) // CONNACK
    socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0]))
    await closed(socket)
    const other = await mqtt.connectAsync(broker.url, { clientId: 'other' })
    await other.publishAsync('topic', 'x'.repeat(900), { qos: 1 })
    await other.endAsync()
  })

  it('survives connections that send garbage', async () => {
    const broker = await start()
    const random = new Random(3)
    for (let attempt = 0; attempt < 50; attempt++) {
      const socket = await rawConnection(broker)
      if (random.uniform() < 0.5) socket.write(connectPacket)
      socket.end(Buffer.from(Array.from({ length: 200 }, () => random.integer(256))))
      socket.resume()
      await closed(socket)
    }
    const client = await mqtt.connectAsync(broker.url, { clientId: 'well-behaved' })
    await client.publishAsync('topic', 'still here', { qos: 1 })
    await client.endAsync()
  })

  it('lets in pages of its own host, and refuses those of other sites', async () => {
    const broker = await start()
    const http = createServer()
    broker.attachWebSocket(http, '/mqtt')
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const upgrade = (origin: string) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, 'mqtt', { origin })
      return new Promise<string>((resolve) => {
        socket.once('open', () => resolve('open'))
        socket.once('error', ({ message }) => resolve(message))
      }).finally(() => socket.terminate())
    }
    expect(await upgrade(`http://127.0.0.1:${port}`)).toBe('open')
    expect(await upgrade('https://elsewhere.example')).toContain('403')
    expect(await upgrade('null')).toContain('403')
    http.close()
  })

  it('answers 404 to an upgrade at another path and stops answering when closed', async () => {
    const broker = await start()
    const http = createServer()
    broker.attachWebSocket(http, '/mqtt')
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const astray = new WebSocket(`ws://127.0.0.1:${port}/elsewhere`, 'mqtt')
    const error = await new Promise<Error>((resolve) => astray.once('error', resolve))
    expect(error.message).toContain('404')
    await broker.close()
    expect(http.listenerCount('upgrade')).toBe(0)
    http.close()
  })
})

describe('packet limit', () => {
  /** A PUBLISH with a body of `length` bytes. */
  const packet = (length: number): number[] => {
    const header = [0x30]
    let rest = length
    do {
      header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while (rest > 0)
    return [...header, ...Array<number>(length).fill(0xff)]
  }

  it('accepts exactly the packets within it, however they are cut into chunks', () => {
    const random = new Random(11)
    for (let trial = 0; trial < 300; trial++) {
      const lengths = Array.from({ length: 5 }, () => random.integer(400))
      const bytes = Uint8Array.from(lengths.flatMap(packet))
      const limit = new PacketLimit(300)
      let accepted = true
      for (let offset = 0; offset < bytes.length && accepted; ) {
        const end = offset + 1 + random.integer(150)
        accepted = limit.accept(bytes.subarray(offset, end))
        offset = end
      }
      expect(accepted).toBe(lengths.every((length) => length <= 300))
    }
  })

  it('refuses a length of more than four bytes', () => {
    expect(new PacketLimit(1e9).accept(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe(false)
  })
})
