/** A participant of the control plane, whatever carries its messages. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { InvalidInputError } from '../errors.ts'
import { silentLogger } from '../silent-logger.ts'
import type { ControlPlane } from './control-plane.ts'
import { Inbox, MAX_PAYLOAD_BYTES } from './inbox.ts'
import { type MessageKind, type MessageOf, schemas } from './messages.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import { DEFAULT_PREFIX, hasSubject, messageSubject, topicOf } from './topics.ts'

/** The way to a broker, which may be lost and come back. */
export interface BrokerLink {
  readonly connected: boolean
  /** @param taken called when the broker has the message: of QoS 1 also after a lost connection has come back */
  publish(message: Outgoing, taken: () => void): void
  /** Rejects where the connection is lost meanwhile. */
  subscribe(filters: string[]): Promise<void>
  unsubscribe(filter: string): void
  /** @param isForced gives up what is under way */
  end(isForced: boolean): Promise<void>
}

/** Of any participant. */
export interface ClientOptions {
  readonly logger?: Logger
  /** First level of every topic; several fleets share one broker by different prefixes. */
  readonly prefix?: string
  /** Observations kept while there is no connection. */
  readonly maxQueuedObservations?: number
}

/** How long leaving waits for what is pending. */
const CLOSE_TIMEOUT_MS = 1000
/** Messages sent and not yet acknowledged: a broker that stalls must not fill the memory. */
const MAX_IN_FLIGHT = 64
/** Retained topics said again after a reconnection; of more, those least recently spoken on are not. */
const MAX_OWNED_TOPICS = 4096

/** Checks, queues, and says again after a loss what it alone says. */
export class ControlClient implements ControlPlane {
  private readonly link: BrokerLink
  private readonly clock: Clock
  private readonly prefix: string
  private readonly logger: Logger
  private readonly inbox: Inbox
  private readonly outbox: Outbox
  private readonly inFlight = new Set<Outgoing>()
  /** Newest retained message of each topic that this client alone speaks on, for a broker that forgot. */
  private readonly owned = new Map<string, Outgoing>()
  /** Topic filter → its subscriptions here. */
  private readonly filters = new Map<string, number>()

  constructor(link: BrokerLink, clock: Clock, options: ClientOptions) {
    const { prefix = DEFAULT_PREFIX, logger = silentLogger } = options
    this.link = link
    this.clock = clock
    this.prefix = prefix
    this.logger = logger
    this.inbox = new Inbox(prefix, clock, logger)
    this.outbox = new Outbox(options.maxQueuedObservations ?? 1000)
  }

  /** A message off the wire. */
  receive(topic: string, payload: Uint8Array): void {
    this.inbox.receive(topic, payload)
  }

  /** The connection is lost: nobody waits for what is under way. */
  lost(): void {
    for (const message of this.inFlight) message.settle()
  }

  get connected(): boolean {
    return this.link.connected
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
      if (this.connected) this.link.unsubscribe(filter)
    }
  }

  async close(): Promise<void> {
    const deadlineMs = this.clock.nowMs() + CLOSE_TIMEOUT_MS
    const isPending = () => this.inFlight.size + this.outbox.size > 0
    while (this.connected && isPending() && this.clock.nowMs() < deadlineMs) {
      await this.clock.sleep(5)
    }
    await this.link.end(!this.connected || this.inFlight.size > 0)
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
  resume(): void {
    for (const message of this.owned.values()) this.outbox.add(message)
    if (this.filters.size > 0) void this.request([...this.filters.keys()])
    this.pump()
  }

  /** A subscription that the connection did not survive is made anew by `resume`. */
  private async request(filters: string[]): Promise<void> {
    try {
      await this.link.subscribe(filters)
    } catch (error) {
      this.logger.warn({ err: error, filters }, 'subscription interrupted')
    }
  }

  private pump(): void {
    while (this.connected && this.inFlight.size < MAX_IN_FLIGHT) {
      const message = this.outbox.take()
      if (message === undefined) return
      this.inFlight.add(message)
      this.link.publish(message, () => {
        this.inFlight.delete(message)
        message.settle()
        this.pump()
      })
    }
  }
}
