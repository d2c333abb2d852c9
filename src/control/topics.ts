/**
 * Where each kind of message lives: `<prefix>/telemetry/<node>`, `/observation/<device>`, `/label/<device>`, `/goal`,
 * `/decision[/<device>]`, `/roster`, `/orchestrator`.
 */

import { NAME } from '../fleet/name.ts'
import type { MessageKind, MessageOf } from './messages.ts'

/** A message's place: its kind, and the node or device it is about (none for the goal and the joint decision). */
export interface Address {
  readonly kind: MessageKind
  readonly subject?: string
}

/** Of every topic, where a fleet has not chosen another. */
export const DEFAULT_PREFIX = 'tierwise'

const KINDS = [
  'telemetry',
  'observation',
  'label',
  'goal',
  'decision',
  'jointDecision',
  'roster',
  'orchestrator',
] as const

/** The level of each kind, and what of a message is its subject. */
const places: {
  readonly [Kind in MessageKind]: readonly [
    level: string,
    subject?: (message: MessageOf<Kind>) => string,
  ]
} = {
  telemetry: ['telemetry', ({ node }) => node],
  observation: ['observation', ({ device }) => device],
  label: ['label', ({ device }) => device],
  goal: ['goal'],
  decision: ['decision', ({ device }) => device],
  jointDecision: ['decision'],
  roster: ['roster'],
  orchestrator: ['orchestrator'],
}

/** The node or device that a message says it is about. */
export function messageSubject<Kind extends MessageKind>(
  kind: Kind,
  message: MessageOf<Kind>,
): string | undefined {
  return places[kind][1]?.(message)
}

/** Whether messages of a kind are about one node or device. */
export function hasSubject(kind: MessageKind): boolean {
  return places[kind].length > 1
}

/** Topic of one message, or, with subject `+`, the filter for all of its kind. */
export function topicOf(prefix: string, kind: MessageKind, subject?: string): string {
  const topic = `${prefix}/${places[kind][0]}`
  return subject === undefined ? topic : `${topic}/${subject}`
}

/** The inverse of `topicOf`; undefined for a topic that is not ours. */
export function parseTopic(prefix: string, topic: string): Address | undefined {
  if (!topic.startsWith(`${prefix}/`)) return undefined
  const [level, subject, ...rest] = topic.slice(prefix.length + 1).split('/')
  if (rest.length > 0 || (subject !== undefined && !NAME.test(subject))) return undefined
  const isOf = (kind: MessageKind) =>
    places[kind][0] === level && hasSubject(kind) === (subject !== undefined)
  const kind = KINDS.find(isOf)
  return kind && { kind, ...(subject !== undefined && { subject }) }
}
