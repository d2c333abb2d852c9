import { type Goal, type MessageKind, type MessageOf, schemas } from '../../src/control/messages.ts'

const PREFIX = 'tierwise'

/** Everything the page listens to. */
export const SUBSCRIPTIONS = ['telemetry/+', 'observation/+', 'decision', 'decision/+', 'goal'].map(
  (topic) => `${PREFIX}/${topic}`,
)
export const GOAL_TOPIC = `${PREFIX}/goal`

/** A message with its kind, so that the reducer can tell them apart. */
export type Received = {
  [Kind in MessageKind]: { readonly kind: Kind; readonly message: MessageOf<Kind> }
}[MessageKind]

/** The kind that a topic carries: `tierwise/decision` is the fleet's, `tierwise/decision/<device>` one device's. */
function kindOf(topic: string): MessageKind | undefined {
  const [prefix, family, subject, ...rest] = topic.split('/')
  if (prefix !== PREFIX || rest.length > 0) return undefined
  if (family === 'goal' && subject === undefined) return 'goal'
  if (family === 'decision') return subject === undefined ? 'jointDecision' : 'decision'
  if ((family === 'telemetry' || family === 'observation') && subject) return family
  return undefined
}

/** @returns the validated message, or undefined where topic, JSON or schema is wrong */
export function decode(topic: string, payload: Uint8Array): Received | undefined {
  const kind = kindOf(topic)
  if (kind === undefined) return undefined
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(payload))
  } catch {
    return undefined
  }
  const parsed = schemas[kind].safeParse(json)
  // The schema of `kind` accepted it, which the compiler cannot follow through the lookup.
  return parsed.success ? ({ kind, message: parsed.data } as Received) : undefined
}

export function encodeGoal(accuracyPercent: number): string {
  return JSON.stringify({ accuracyPercent } satisfies Goal)
}
