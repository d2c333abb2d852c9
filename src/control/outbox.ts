/** What waits to be sent. Retained topics need only their newest message; of the others the oldest are dropped. */

/** A message on its way. */
export interface Outgoing {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
  readonly qos: 0 | 1
  /** Called once: when the broker took the message, or when it will not be waited for any longer. */
  readonly settle: () => void
}

/** Bounded: one message for each retained topic, and at most `limit` others. */
export class Outbox {
  dropped = 0
  private readonly limit: number
  private readonly retained = new Map<string, Outgoing>()
  private readonly others: Outgoing[] = []

  constructor(limit: number) {
    this.limit = limit
  }

  get size(): number {
    return this.retained.size + this.others.length
  }

  add(message: Outgoing): void {
    if (message.retain) {
      this.retained.get(message.topic)?.settle()
      this.retained.set(message.topic, message)
      return
    }
    this.others.push(message)
    if (this.others.length > this.limit) {
      this.others.shift()?.settle()
      this.dropped += 1
    }
  }

  /** The next message to send: retained first, since decisions and goals matter more than one observation. */
  take(): Outgoing | undefined {
    for (const [topic, message] of this.retained) {
      this.retained.delete(topic)
      return message
    }
    return this.others.shift()
  }
}
