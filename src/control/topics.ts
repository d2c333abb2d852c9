/** Where each kind of message lives: `<prefix>/telemetry/<node>`, `/observation/<device>`, `/goal`, `/decision[/<device>]`. */
import type { MessageKind, MessageOf } from './messages.ts'

/** A message's place: its kind, and the node or device it is about (none for the goal and the joint decision). */
export interface Address {
  readonly kind: MessageKind
  readonly subject?: string
}

const levels = {
  telemetry: 'telemetry',
  observation: 'observation',
  goal: 'goal',
  decision: 'decision',
  jointDecision: 'decision',
} as const satisfies Record<MessageKind, string>

const subjectOf: { [Kind in MessageKind]: (message: MessageOf<Kind>) => string | undefined } = {
  telemetry: ({ node }) => node,
  observation: ({ device }) => device,
  goal: () => undefined,
  decision: ({ device }) => device,
  jointDecision: () => undefined,
}

/** The node or device that a message says it is about. */
export function messageSubject<Kind extends MessageKind>(
  kind: Kind,
  message: MessageOf<Kind>,
): string | undefined {
  return subjectOf[kind](message)
}

export function hasSubject(kind: MessageKind): boolean {
  return kind !== 'goal' && kind !== 'jointDecision'
}

/** Topic of one message, or, with subject `+`, the filter for all of its kind. */
export function topicOf(prefix: string, kind: MessageKind, subject?: string): string {
  const topic = `${prefix}/${levels[kind]}`
  return subject === undefined ? topic : `${topic}/${subject}`
}

/** The inverse of `topicOf`; undefined for a topic that is not ours. */
export function parseTopic(prefix: string, topic: string): Address | undefined {
  if (!topic.startsWith(`${prefix}/`)) return undefined
  const [level, subject, ...rest] = topic.slice(prefix.length + 1).split('/')
  if (rest.length > 0) return undefined
  if (subject === undefined) {
    if (level === 'goal') return { kind: 'goal' }
    return level === 'decision' ? { kind: 'jointDecision' } : undefined
  }
  if (level !== 'telemetry' && level !== 'observation' && level !== 'decision') return undefined
  return { kind: level, subject }
}
