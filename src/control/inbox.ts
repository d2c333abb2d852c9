/** What arrives: checked against its schema, or counted, logged now and then, and dropped. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { InvalidInputError, messageOf } from '../errors.ts'
import { Boundary } from './boundary.ts'
import { type MessageKind, type MessageOf, schemas } from './messages.ts'
import { Seldom } from './seldom.ts'
import { type Address, messageSubject, parseTopic } from './topics.ts'

/** Largest payload that is read, in bytes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024

interface Listener {
  readonly kind: MessageKind
  readonly subject: string | undefined
  readonly deliver: (message: never) => unknown
}

/** Hands messages to those who listen for them. */
export class Inbox {
  /** Messages that were dropped. */
  dropped = 0
  private readonly prefix: string
  private readonly logger: Logger
  private readonly boundary: Boundary
  private readonly seldom: Seldom
  private readonly listeners = new Set<Listener>()

  constructor(prefix: string, clock: Clock, logger: Logger) {
    this.prefix = prefix
    this.logger = logger
    this.boundary = new Boundary(clock, logger)
    this.seldom = new Seldom(clock)
  }

  /** @returns a function that ends the subscription */
  listen<Kind extends MessageKind>(
    kind: Kind,
    subject: string | undefined,
    deliver: (message: MessageOf<Kind>) => unknown,
  ): () => void {
    const listener = { kind, subject, deliver }
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Takes one message off the wire; never throws. */
  receive(topic: string, payload: Uint8Array): void {
    if (payload.byteLength === 0) return // a retained message was cleared
    const address = parseTopic(this.prefix, topic)
    try {
      if (address === undefined) throw new InvalidInputError('no topic of this control plane')
      this.deliver(address, decode(address, payload))
    } catch (error) {
      this.drop(address?.kind ?? 'unknown', topic, messageOf(error))
    }
  }

  private deliver({ kind, subject }: Address, message: MessageOf<MessageKind>): void {
    for (const listener of this.listeners) {
      if (listener.kind !== kind) continue
      if (listener.subject !== undefined && listener.subject !== subject) continue
      this.boundary.run(`handling ${kind}`, () => listener.deliver(message as never))
    }
  }

  /** Logs at most once a minute for each kind of message: garbage may come at any rate. */
  private drop(kind: MessageKind | 'unknown', topic: string, reason: string): void {
    this.dropped += 1
    if (!this.seldom.isDue(kind)) return
    this.logger.warn(
      { topic: topic.slice(0, 200), reason: reason.slice(0, 500), dropped: this.dropped },
      'dropped a malformed control message',
    )
  }
}

/** @throws InvalidInputError for anything but a message of this kind about this subject */
function decode({ kind, subject }: Address, payload: Uint8Array): MessageOf<MessageKind> {
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new InvalidInputError(`${payload.byteLength} bytes, over ${MAX_PAYLOAD_BYTES}`)
  }
  const message = schemas[kind].parse(JSON.parse(Buffer.from(payload).toString()))
  const about = messageSubject(kind, message as never)
  if (about !== subject) throw new InvalidInputError(`the message is about ${about}`)
  return message
}
