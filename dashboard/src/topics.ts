import { type Goal, type MessageKind, type MessageOf, schemas } from '../../src/control/messages.ts'
import { messageSubject, parseTopic, topicOf } from '../../src/control/topics.ts'

const PREFIX = 'tierwise'

/** Where the goal is published, retained. */
export const GOAL_TOPIC = topicOf(PREFIX, 'goal')
/** Everything the page listens to. */
export const SUBSCRIPTIONS = [
  topicOf(PREFIX, 'telemetry', '+'),
  topicOf(PREFIX, 'observation', '+'),
  topicOf(PREFIX, 'jointDecision'),
  topicOf(PREFIX, 'decision', '+'),
  GOAL_TOPIC,
]

/** A message with its kind, so that the reducer can tell them apart. */
export type Received = {
  [Kind in MessageKind]: { readonly kind: Kind; readonly message: MessageOf<Kind> }
}[MessageKind]

/** @returns the validated message, or undefined where topic, JSON or schema is wrong */
export function decode(topic: string, payload: Uint8Array): Received | undefined {
  const address = parseTopic(PREFIX, topic)
  if (address === undefined) return undefined
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return undefined
  }
  const { kind, subject } = address
  const parsed = schemas[kind].safeParse(json)
  if (!parsed.success || messageSubject(kind, parsed.data as never) !== subject) return undefined
  // The schema of `kind` accepted it, which the compiler cannot follow through the lookup.
  return { kind, message: parsed.data } as Received
}

/** @param revert whether the fixed rule is to take the agent's place; absent: it stays as it is */
export function encodeGoal(accuracyPercent: number, revert?: boolean): string {
  return JSON.stringify({
    accuracyPercent,
    ...(revert !== undefined && { revert }),
  } satisfies Goal)
}
