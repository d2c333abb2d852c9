/**
 * A broker in memory, and ways to it that are slow, doubled and cut, as far as MQTT 3.1.1 over TCP allows it: one connection keeps its
 * order in each direction, different ones overtake each other; what was not acknowledged when a connection is cut is sent again on the
 * next, after what has already arrived.
 */
import {
  type BrokerLink,
  type ClientOptions,
  ControlClient,
} from '../../src/control/control-client.ts'
import type { Outgoing } from '../../src/control/outbox.ts'
import type { Telemetry } from '../../src/control/telemetry-message.ts'
import { DEFAULT_PREFIX, topicOf } from '../../src/control/topics.ts'
import type { Machine, SimulatedTime } from './simulated-time.ts'

/** How bad the ways are. */
export interface WayFaults {
  readonly longestDelayMs: number
  /** Of messages without acknowledgement. In [0, 1]. */
  readonly lossShare: number
  readonly doubleShare: number
}

/** Between attempts to reconnect. */
const RECONNECT_MS = 500
/** Until a broker notices that a client is gone. */
const LONGEST_UNNOTICED_MS = 8000

type Message = Pick<Outgoing, 'topic' | 'payload' | 'retain' | 'qos'>

/** Routes messages; keeps retained ones until it restarts. */
export class SimulatedBroker {
  faults: WayFaults
  readonly time: SimulatedTime
  /** Told every message that the broker takes. */
  onMessage: (topic: string, payload: string) => void = () => {}
  isUp = true
  private readonly connected = new Set<Connection>()
  private readonly retained = new Map<string, string>()

  constructor(time: SimulatedTime, faults: WayFaults) {
    this.time = time
    this.faults = faults
  }

  /** A participant, which goes on connecting for as long as its machine lives. */
  join(machine: Machine, options: ClientOptions, lastWill?: Telemetry): SimulatedClient {
    return new SimulatedClient(this, machine, options, lastWill)
  }

  take({ topic, payload, retain }: Message): void {
    this.onMessage(topic, payload)
    if (retain) this.retained.set(topic, payload)
    for (const connection of this.connected) connection.offer(topic, payload)
  }

  attach(connection: Connection): void {
    this.connected.add(connection)
  }

  detach(connection: Connection): void {
    this.connected.delete(connection)
  }

  sendRetained(connection: Connection, filters: readonly string[]): void {
    for (const [topic, payload] of this.retained) {
      if (filters.some((filter) => matches(filter, topic))) connection.deliver(topic, payload)
    }
  }

  /** All connections end. @param retained what becomes of it */
  stop(retained: 'keeps' | 'forgets'): void {
    this.isUp = false
    for (const connection of [...this.connected]) connection.cut()
    if (retained === 'forgets') this.retained.clear()
  }

  start(): void {
    this.isUp = true
  }
}

/** One connection from its beginning to its end. */
class Connection {
  isOpen = true
  private readonly broker: SimulatedBroker
  private readonly client: SimulatedClient
  private readonly filters = new Set<string>()
  /** When the newest message arrives: none overtakes it. */
  private readonly arrivals = { up: 0, down: 0 }

  constructor(broker: SimulatedBroker, client: SimulatedClient) {
    this.broker = broker
    this.client = client
  }

  offer(topic: string, payload: string): void {
    if ([...this.filters].some((filter) => matches(filter, topic))) this.deliver(topic, payload)
  }

  deliver(topic: string, payload: string): void {
    const { time, faults } = this.broker
    const copies = time.random.uniform() < faults.doubleShare ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      this.travel(
        'down',
        () => this.isOpen && this.client.plane.receive(topic, Buffer.from(payload)),
        this.client.machine,
      )
    }
  }

  /** To the broker. What is under way when the connection is cut arrives nevertheless, or not. */
  send(message: Message, taken: () => void): void {
    const { time, faults } = this.broker
    if (message.qos === 0 && time.random.uniform() < faults.lossShare) {
      taken()
      return
    }
    const survives = time.random.uniform() < 0.5
    this.travel('up', () => {
      if (!this.broker.isUp || !(this.isOpen || survives)) return
      this.broker.take(message)
      this.travel('down', () => this.isOpen && taken(), this.client.machine)
    })
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    await new Promise<void>((resolve) => this.travel('up', resolve))
    if (!this.isOpen) throw new Error('the connection is lost')
    for (const filter of filters) this.filters.add(filter)
    const acknowledged = new Promise<void>((resolve) =>
      this.travel('down', resolve, this.client.machine),
    )
    this.broker.sendRetained(this, filters)
    await acknowledged
  }

  unsubscribe(filter: string): void {
    this.filters.delete(filter)
  }

  cut(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.broker.detach(this)
    this.client.cut()
  }

  /** @param receiver does not hear it while it pauses */
  private travel(lane: 'up' | 'down', arrive: () => void, receiver?: Machine): void {
    const { time, faults } = this.broker
    const atMs = Math.max(
      this.arrivals[lane],
      time.nowMs + time.between(0.1, faults.longestDelayMs),
    )
    this.arrivals[lane] = atMs
    time.plan(atMs - time.nowMs, arrive, receiver)
  }
}

/** A participant's way to the broker, and what it says there. */
export class SimulatedClient implements BrokerLink {
  readonly plane: ControlClient
  readonly machine: Machine
  private readonly broker: SimulatedBroker
  private readonly lastWill: Message | undefined
  private connection: Connection | undefined
  /** Sent, and not acknowledged; sent again on the next connection. */
  private readonly unacknowledged = new Map<Message, () => void>()
  private isPartedUntilMs = 0
  private hasEnded = false

  constructor(
    broker: SimulatedBroker,
    machine: Machine,
    options: ClientOptions,
    lastWill: Telemetry | undefined,
  ) {
    this.broker = broker
    this.machine = machine
    this.plane = new ControlClient(this, machine, options)
    if (lastWill !== undefined) {
      const topic = topicOf(DEFAULT_PREFIX, 'telemetry', lastWill.node)
      this.lastWill = { topic, payload: JSON.stringify(lastWill), retain: true, qos: 1 }
    }
    this.connectSoon(0)
  }

  get connected(): boolean {
    return this.connection !== undefined
  }

  publish(message: Message, taken: () => void): void {
    const { connection } = this
    if (message.qos === 1) this.unacknowledged.set(message, taken)
    connection?.send(message, () => {
      this.unacknowledged.delete(message)
      taken()
    })
  }

  subscribe(filters: string[]): Promise<void> {
    return this.connection?.subscribe(filters) ?? Promise.reject(new Error('not connected'))
  }

  unsubscribe(filter: string): void {
    this.connection?.unsubscribe(filter)
  }

  async end(): Promise<void> {
    this.hasEnded = true
    this.connection?.cut()
  }

  /** Out of reach for so long. */
  part(ms: number): void {
    this.isPartedUntilMs = this.broker.time.nowMs + ms
    this.connection?.cut()
  }

  /** The machine is dead: the broker says its last words. */
  died(): void {
    this.connection?.cut()
    const { lastWill, broker } = this
    if (lastWill === undefined) return
    broker.time.plan(broker.time.between(0, LONGEST_UNNOTICED_MS), () => {
      if (broker.isUp) broker.take(lastWill)
    })
  }

  cut(): void {
    this.connection = undefined
    if (!this.machine.isAlive) return
    this.plane.lost()
    this.connectSoon(RECONNECT_MS)
  }

  private connectSoon(ms: number): void {
    this.machine.after(ms, () => {
      const { broker } = this
      if (this.hasEnded || this.connection) return
      if (!broker.isUp || broker.time.nowMs < this.isPartedUntilMs) {
        this.connectSoon(RECONNECT_MS)
        return
      }
      this.connection = new Connection(broker, this)
      broker.attach(this.connection)
      for (const [message, taken] of [...this.unacknowledged]) this.publish(message, taken)
      this.plane.resume()
    })
  }
}

/** @param filter a topic whose one level may be `+` */
function matches(filter: string, topic: string): boolean {
  const [levels, wanted] = [topic.split('/'), filter.split('/')]
  return (
    levels.length === wanted.length &&
    wanted.every((level, index) => level === '+' || level === levels[index])
  )
}
