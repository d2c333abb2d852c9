/** The control plane over MQTT 3.1.1, by TCP or WebSocket, at any broker. */
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import type { ClientTls } from '../client-tls.ts'
import { type Clock, systemClock } from '../clock.ts'
import {
  ConfigError,
  InvalidInputError,
  messageOf,
  UnavailableError,
  withoutCredentials,
} from '../errors.ts'
import { silentLogger } from '../silent-logger.ts'
import type { ControlPlane } from './control-plane.ts'
import { Inbox, MAX_PAYLOAD_BYTES } from './inbox.ts'
import { type MessageKind, type MessageOf, schemas, type Telemetry } from './messages.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import { RECONNECT_PERIOD_MS, Rivals } from './rivals.ts'
import { DEFAULT_PREFIX, hasSubject, messageSubject, topicOf } from './topics.ts'

/** How a participant connects. */
export interface MqttOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string
  /** Unique at the broker: a second client of this name takes the first one's place. */
  readonly clientId: string
  readonly logger?: Logger
  /** First level of every topic; several fleets share one broker by different prefixes. */
  readonly prefix?: string
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
  /** Observations kept while there is no connection. */
  readonly maxQueuedObservations?: number
  readonly clock?: Clock
}

const PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:']
const KEEPALIVE_SECONDS = 10
const CONNECT_TIMEOUT_MS = 5000
const CLOSE_TIMEOUT_MS = 1000
/** Messages sent and not yet acknowledged: a broker that stalls must not fill the memory. */
const MAX_IN_FLIGHT = 64
/** Retained topics said again after a reconnection; of more, those least recently spoken on are not. */
const MAX_OWNED_TOPICS = 4096

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
  } = options
  const { address, ...credentials } = brokerOf(url)
  const client = mqtt.connect(address, clientOptions({ ...credentials, ...options }))
  const plane = new MqttControlPlane(client, address, options)
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

function clientOptions(options: MqttOptions): IClientOptions {
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

class MqttControlPlane implements ControlPlane {
  private readonly client: MqttClient
  private readonly prefix: string
  private readonly logger: Logger
  private readonly inbox: Inbox
  private readonly outbox: Outbox
  private readonly inFlight = new Set<Outgoing>()
  /** Newest retained message of each topic that this client alone speaks on, for a broker that forgot. */
  private readonly owned = new Map<string, Outgoing>()
  /** Topic filter → its subscriptions here. */
  private readonly filters = new Map<string, number>()

  /** @param address of the broker, for logs */
  constructor(client: MqttClient, address: string, options: MqttOptions) {
    const { prefix = DEFAULT_PREFIX, logger = silentLogger, clock = systemClock } = options
    this.client = client
    this.prefix = prefix
    this.logger = logger
    this.inbox = new Inbox(prefix, clock, logger)
    this.outbox = new Outbox(options.maxQueuedObservations ?? 1000)
    const rivals = new Rivals(options.clientId, address, logger)
    client.on('connect', () => {
      rivals.connected(clock.nowMs())
      this.resume()
    })
    client.on('close', () => {
      client.options.reconnectPeriod = rivals.closed(clock.nowMs())
      for (const message of this.inFlight) message.settle()
    })
    client.on('error', (error) => logger.debug({ err: error }, 'control plane connection'))
    client.on('offline', () => logger.warn(`lost the MQTT broker at ${address}; reconnecting`))
    client.on('message', (topic, payload) => this.inbox.receive(topic, payload))
  }

  get connected(): boolean {
    return this.client.connected
  }

  get droppedMessages(): number {
    return this.inbox.dropped
  }

  get droppedPublications(): number {
    return this.outbox.dropped
  }

  publish<Kind extends MessageKind>(kind: Kind, message: MessageOf<Kind>): Promise<void> {
    const parsed = schemas[kind].safeParse(message)
    if (!parsed.success) {
      throw new InvalidInputError(`not a ${kind} message: ${parsed.error.message}`)
    }
    const payload = JSON.stringify(parsed.data)
    if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
      throw new InvalidInputError(`a ${kind} message may have ${MAX_PAYLOAD_BYTES} bytes at most`)
    }
    return new Promise((resolve) => {
      const outgoing: Outgoing = {
        topic: topicOf(this.prefix, kind, messageSubject(kind, message)),
        payload,
        retain: kind !== 'observation' && kind !== 'label',
        qos: kind === 'telemetry' ? 0 : 1,
        settle: resolve,
      }
      // Anyone may set the goal, so repeating an old one would undo a newer one.
      if (outgoing.retain && kind !== 'goal') this.own(outgoing)
      this.outbox.add(outgoing)
      this.pump()
      if (!this.connected || outgoing.qos === 0) resolve()
    })
  }

  async subscribe<Kind extends MessageKind>(
    kind: Kind,
    handler: (message: MessageOf<Kind>) => void,
    subject?: string,
  ): Promise<() => void> {
    const filter = topicOf(this.prefix, kind, subject ?? (hasSubject(kind) ? '+' : undefined))
    const stopListening = this.inbox.listen(kind, subject, handler)
    this.filters.set(filter, (this.filters.get(filter) ?? 0) + 1)
    if (this.connected) await this.request([filter])
    let ended = false
    return () => {
      if (ended) return
      ended = true
      stopListening()
      const others = (this.filters.get(filter) ?? 1) - 1
      if (others > 0) {
        this.filters.set(filter, others)
        return
      }
      this.filters.delete(filter)
      if (this.connected) this.client.unsubscribe(filter)
    }
  }

  async close(): Promise<void> {
    const deadlineMs = Date.now() + CLOSE_TIMEOUT_MS
    while (this.connected && this.inFlight.size + this.outbox.size > 0 && Date.now() < deadlineMs) {
      await sleep(5)
    }
    await this.client.endAsync(!this.connected || this.inFlight.size > 0)
    for (let message = this.outbox.take(); message; message = this.outbox.take()) message.settle()
  }

  private own(message: Outgoing): void {
    this.owned.delete(message.topic)
    this.owned.set(message.topic, message)
    for (const oldest of this.owned.keys()) {
      if (this.owned.size <= MAX_OWNED_TOPICS) break
      this.owned.delete(oldest)
    }
  }

  /** After every connection, the first included: the broker may have forgotten everything. */
  private resume(): void {
    // Small packets that wait for each other's acknowledgement would cost 40 ms a round.
    if (this.client.stream instanceof Socket) this.client.stream.setNoDelay(true)
    for (const message of this.owned.values()) this.outbox.add(message)
    if (this.filters.size > 0) void this.request([...this.filters.keys()])
    this.pump()
  }

  /** A subscription that the connection did not survive is made anew by `resume`. */
  private async request(filters: string[]): Promise<void> {
    try {
      await this.client.subscribeAsync(filters, { qos: 1 })
    } catch (error) {
      this.logger.warn({ err: error, filters }, 'subscription interrupted')
    }
  }

  private pump(): void {
    while (this.connected && this.inFlight.size < MAX_IN_FLIGHT) {
      const message = this.outbox.take()
      if (message === undefined) return
      this.inFlight.add(message)
      const { topic, payload, qos, retain } = message
      this.client.publish(topic, payload, { qos, retain }, () => {
        this.inFlight.delete(message)
        message.settle()
        this.pump()
      })
    }
  }
}
