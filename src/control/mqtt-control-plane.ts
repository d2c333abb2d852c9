/** The control plane over MQTT 3.1.1, by TCP or WebSocket, at any broker. */
import { Socket } from 'node:net'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { ClientTls } from '../client-tls.ts'
import { type Clock, systemClock } from '../clock.ts'
import { ConfigError, messageOf, UnavailableError, withoutCredentials } from '../errors.ts'
import { silentLogger } from '../silent-logger.ts'
import { type BrokerLink, type ClientOptions, ControlClient } from './control-client.ts'
import type { ControlPlane } from './control-plane.ts'
import { RECONNECT_PERIOD_MS, Rivals } from './rivals.ts'
import type { Telemetry } from './telemetry-message.ts'
import { DEFAULT_PREFIX, topicOf } from './topics.ts'

/** How a participant connects. */
export interface MqttOptions extends ClientOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string
  /** Unique at the broker: a second client of this name takes the first one's place. */
  readonly clientId: string
  /** What the broker publishes (retained) when this client is lost. */
  readonly lastWill?: Telemetry
  /** In place of those in the URL. */
  readonly username?: string
  readonly password?: string
  /** For `mqtts://` and `wss://`: whom to trust, and what to show. */
  readonly tls?: ClientTls
  readonly connectTimeoutMs?: number
  /** Start without a broker and keep trying: for devices, which serve on regardless. */
  readonly startOffline?: boolean
  readonly clock?: Clock
}

const PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:']
const KEEPALIVE_SECONDS = 10
const CONNECT_TIMEOUT_MS = 5000
/**
 * Connects to a broker, and reconnects by itself for as long as it lives.
 * @throws ConfigError for a URL that is not MQTT
 * @throws UnavailableError when the broker does not answer in time, unless `startOffline`
 */
export async function connectControlPlane(options: MqttOptions): Promise<ControlPlane> {
  const {
    url,
    logger = silentLogger,
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
    startOffline = false,
    clock = systemClock,
  } = options
  const { address, ...credentials } = brokerOf(url)
  const client = mqtt.connect(address, clientOptions({ ...credentials, ...options }, address))
  const plane = new ControlClient(linkOf(client), clock, options)
  follow(client, plane, address, { ...options, logger, clock })
  try {
    await firstConnection(client, connectTimeoutMs)
  } catch (error) {
    const remedy = 'start the broker (or the cloud node that holds it) or correct the URL'
    const message = `no MQTT broker answers at ${address} (${messageOf(error)}): ${remedy}`
    if (!startOffline) {
      client.end(true)
      throw new UnavailableError(message, { cause: error })
    }
    logger.warn(`${message}; trying on`)
  }
  return plane
}

interface BrokerUrl {
  /** Without user and password: as logs and messages may tell it. */
  readonly address: string
  readonly username?: string
  readonly password?: string
}

/** User and password as they are, wherever `:`, `@` or `/` stands in them: percent-encoded in the URL. @throws ConfigError */
function brokerOf(text: string): BrokerUrl {
  try {
    const url = new URL(text)
    const [username, password] = [url.username, url.password].map(decodeURIComponent)
    Object.assign(url, { username: '', password: '' })
    if (!PROTOCOLS.includes(url.protocol)) throw new Error(`its scheme is ${url.protocol}`)
    return { address: url.href, ...(username && { username }), ...(password && { password }) }
  } catch (error) {
    throw new ConfigError(
      `"${withoutCredentials(text)}" is not the URL of an MQTT broker (${messageOf(error)}): write mqtt://host:1883 or ws://host:8080/mqtt, a user and password before the host percent-encoded`,
    )
  }
}

function clientOptions(options: MqttOptions, address: string): IClientOptions {
  const { clientId, prefix = DEFAULT_PREFIX, lastWill, username, password, tls } = options
  const { connectTimeoutMs: connectTimeout = CONNECT_TIMEOUT_MS } = options
  return {
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    reconnectPeriod: RECONNECT_PERIOD_MS,
    connectTimeout,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    // Its own has no brackets around an IPv6 address.
    transformWsUrl: () => address,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    // TCP takes them as they are, WebSocket from a place of its own, whose types are not those of `tls.connect` that it calls.
    ...(tls && { ...tls, wsOptions: tls as object }),
    ...(lastWill !== undefined && {
      will: {
        topic: topicOf(prefix, 'telemetry', lastWill.node),
        payload: Buffer.from(JSON.stringify(lastWill)),
        qos: 1 as const,
        retain: true,
      },
    }),
  }
}

/** Rejects on the first error, such as a refused connection, or when the time is over. */
async function firstConnection(client: MqttClient, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const connected = new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve()).once('error', reject)
    timer = setTimeout(() => reject(new Error(`nothing for ${timeoutMs} ms`)), timeoutMs)
  })
  await connected.finally(() => clearTimeout(timer))
}

function linkOf(client: MqttClient): BrokerLink {
  return {
    get connected() {
      return client.connected
    },
    publish({ topic, payload, qos, retain }, taken) {
      client.publish(topic, payload, { qos, retain }, () => taken())
    },
    async subscribe(filters) {
      await client.subscribeAsync(filters, { qos: 1 })
    },
    unsubscribe(filter) {
      client.unsubscribe(filter)
    },
    end: (isForced) => client.endAsync(isForced),
  }
}

/** Tells the participant what becomes of its connection. @param address of the broker, for logs */
function follow(
  client: MqttClient,
  plane: ControlClient,
  address: string,
  { clientId, logger, clock }: Required<Pick<MqttOptions, 'clientId' | 'logger' | 'clock'>>,
): void {
  const rivals = new Rivals(clientId, address, logger)
  client.on('connect', () => {
    rivals.connected(clock.nowMs())
    // Small packets that wait for each other's acknowledgement would cost 40 ms a round.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    plane.resume()
  })
  client.on('close', () => {
    client.options.reconnectPeriod = rivals.closed(clock.nowMs())
    plane.lost()
  })
  client.on('error', (error) => logger.debug({ err: error }, 'control plane connection'))
  client.on('offline', () => logger.warn(`lost the MQTT broker at ${address}; reconnecting`))
  client.on('message', (topic, payload) => plane.receive(topic, payload))
}
