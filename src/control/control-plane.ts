/** Publish and subscribe of the typed topics in `messages.ts`. Implementations: MQTT 3.1.1 (`mqtt-control-plane.ts`). */
import type { MessageKind, MessageOf } from './messages.ts'

export interface ControlPlane {
  /** Resolves when the broker has taken the message (or at once, best effort, for telemetry). Never throws for a lost connection: the newest retained message is sent on reconnection. */
  publish<Kind extends MessageKind>(kind: Kind, message: MessageOf<Kind>): Promise<void>
  /**
   * Calls `handler` for every valid message of the kind.
   * @param subject one node or device; absent means all of them
   * @returns a function that ends the subscription
   */
  subscribe<Kind extends MessageKind>(
    kind: Kind,
    handler: (message: MessageOf<Kind>) => void,
    subject?: string,
  ): Promise<() => void>
  /** Messages that did not match their schema and were dropped. */
  readonly droppedMessages: number
  readonly connected: boolean
  /** Sends what is pending, then leaves without triggering the last will. */
  close(): Promise<void>
}
