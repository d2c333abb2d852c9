/** Publish and subscribe of the typed topics in `messages.ts`. Implementations: MQTT 3.1.1 (`mqtt-control-plane.ts`). */
import type { MessageKind, MessageOf } from './messages.ts'

/** One participant of the control plane. */
export interface ControlPlane {
  /**
   * Resolves when the broker has taken the message, or at once for telemetry and without a connection. A lost
   * connection is no error: on reconnection the newest message of every retained topic is sent, and the observations
   * that the queue could hold.
   * @throws InvalidInputError for a message that does not match its schema or is too large
   */
  publish<Kind extends MessageKind>(kind: Kind, message: MessageOf<Kind>): Promise<void>
  /**
   * Calls `handler` for every valid message of the kind, at least once: a retained message may come again.
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
  /** Observations that were not sent because the queue was full. */
  readonly droppedPublications: number
  readonly connected: boolean
  /** Sends what is pending, then leaves without triggering the last will. */
  close(): Promise<void>
}
