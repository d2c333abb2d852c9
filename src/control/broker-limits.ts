/** What clients may make the embedded broker hold and do. */
import type { Aedes, Client } from 'aedes'
import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import { Seldom } from './seldom.ts'
import { parseTopic } from './topics.ts'

/** Bounds of one broker. */
export interface BrokerLimits {
  /** First levels of the topics of this fleet; others are refused. Absent: every topic is taken. */
  readonly prefix?: string
  /** Of all retained messages, topics included: 2,000 nodes at 16 KB. */
  readonly retainedBytes: number
  /** Sent to one client, and not yet taken by it. */
  readonly queuedBytes: number
  /** Of one client; what comes faster is read later. */
  readonly messagesPerSecond: number
  /** Of one client. */
  readonly subscriptions: number
}

/** Where nothing else is set. */
export const BROKER_LIMITS: BrokerLimits = {
  retainedBytes: 32 * 2 ** 20,
  queuedBytes: 4 * 2 ** 20,
  messagesPerSecond: 5000,
  subscriptions: 256,
}

/** Of topics, and of filters, which are kept as long as their clients are. */
const MAX_TOPIC_CHARACTERS = 512
const HIGHEST_QOS = 2
/** Messages of one client that may come at once. */
const BURST_SECONDS = 2

type Publish = Aedes['authorizePublish']

/** Holds a broker's clients to limits, beside whatever its hooks ask already: call it when those are in place. */
export function limitBroker(aedes: Aedes, limits: BrokerLimits, logger: Logger): void {
  const seldom = new Seldom(systemClock)
  const refuse = (client: Client | null, reason: string) => {
    const clientId = (client?.id ?? '').slice(0, 200)
    if (seldom.isDue(clientId)) logger.warn({ clientId }, `the broker refused a client: ${reason}`)
    return new Error(reason)
  }
  forgetAbsentClients(aedes)
  limitSubscriptions(aedes, limits, refuse)
  limitQueues(aedes, limits, refuse)
  const retained = new RetainedBytes(limits.retainedBytes)
  const pace = new Pace(limits.messagesPerSecond)
  const next: Publish = aedes.authorizePublish.bind(aedes)
  aedes.authorizePublish = (client, packet, done) => {
    const { topic, payload, retain, qos } = packet
    // MQTT 3.1.1 has no answer that says no: the connection is closed (section 3.3.5).
    const isKnown = limits.prefix === undefined || parseTopic(limits.prefix, topic) !== undefined
    if (topic.length > MAX_TOPIC_CHARACTERS || !isKnown) {
      return done(refuse(client, `there is no topic ${topic.slice(0, 200)} here`))
    }
    // Of a last will it has not been checked; whoever is sent it leaves (section 3.3.1.2).
    if (qos > HIGHEST_QOS) return done(refuse(client, `there is no quality of service ${qos}`))
    const store = () => {
      if (retain && !retained.keep(topic, payload.length)) {
        return done(
          refuse(client, `retained messages would have over ${limits.retainedBytes} bytes`),
        )
      }
      done(null)
    }
    const ask = () => next(client, packet, (error) => (error ? done(error) : store()))
    const waitMs = client ? pace.waitMs(client, systemClock.nowMs()) : 0
    if (waitMs > 0) setTimeout(ask, waitMs)
    else ask()
  }
}

type Refuse = (client: Client | null, reason: string) => Error

/** No session outlives its connection, so that nothing is kept for those who do not come back. */
function forgetAbsentClients(aedes: Aedes): void {
  const next = aedes.preConnect.bind(aedes)
  aedes.preConnect = (client, packet, done) => {
    packet.clean = true
    next(client, packet, done)
  }
}

function limitSubscriptions(aedes: Aedes, { subscriptions }: BrokerLimits, refuse: Refuse): void {
  const next = aedes.authorizeSubscribe.bind(aedes)
  const filters = new WeakMap<Client, Set<string>>()
  aedes.authorizeSubscribe = (client, subscription, done) => {
    const { topic } = subscription
    if (topic.length > MAX_TOPIC_CHARACTERS) {
      const reason = `a filter of ${topic.length} characters, over ${MAX_TOPIC_CHARACTERS}`
      return done(refuse(client, reason), null)
    }
    const held = filters.get(client) ?? new Set<string>()
    filters.set(client, held)
    if (!held.has(topic) && held.size >= subscriptions) {
      return done(refuse(client, `more than ${subscriptions} subscriptions`), null)
    }
    held.add(topic)
    next(client, subscription, done)
  }
}

/** A client that does not read is cut off. */
function limitQueues(aedes: Aedes, { queuedBytes }: BrokerLimits, refuse: Refuse): void {
  const next = aedes.authorizeForward.bind(aedes)
  aedes.authorizeForward = (client, packet) => {
    if (client.conn.writableLength <= queuedBytes) return next(client, packet)
    refuse(client, `it leaves more than ${queuedBytes} bytes unread`)
    client.conn.destroy()
    return null
  }
}

/** Bytes of the retained messages, by topic. */
class RetainedBytes {
  private readonly limitBytes: number
  private readonly byTopic = new Map<string, number>()
  private total = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  /** @returns whether there is room for it */
  keep(topic: string, payloadBytes: number): boolean {
    const before = this.byTopic.get(topic) ?? 0
    // An empty message clears what was retained (MQTT 3.1.1, section 3.3.1.3).
    const after = payloadBytes === 0 ? 0 : payloadBytes + topic.length
    if (this.total - before + after > this.limitBytes) return false
    this.total += after - before
    if (after === 0) this.byTopic.delete(topic)
    else this.byTopic.set(topic, after)
    return true
  }
}

/** When the next message of each client is due. */
class Pace {
  private readonly periodMs: number
  private readonly dueMs = new WeakMap<Client, number>()

  constructor(messagesPerSecond: number) {
    this.periodMs = 1000 / messagesPerSecond
  }

  /** @returns how long a message that has come now is to wait */
  waitMs(client: Client, nowMs: number): number {
    const dueMs = Math.max(this.dueMs.get(client) ?? 0, nowMs - BURST_SECONDS * 1000)
    this.dueMs.set(client, dueMs + this.periodMs)
    return dueMs - nowMs
  }
}
