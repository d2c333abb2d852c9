/** The table of rights as people read it: Markdown, for docs/security.md. */

import type { MessageKind } from '../control/messages.ts'
import { hasSubject, topicOf } from '../control/topics.ts'
import { type Extent, ROLES, ROUTE_RIGHTS, type RouteRights, TOPIC_RIGHTS } from './rights.ts'

const WORDS: Readonly<Record<Extent, string>> = {
  all: 'yes',
  itself: 'itself',
  below: 'itself; an edge: all',
}

/** Two tables: routes by method, and topics by what is done on them, each with a column for every role. */
export function rightsTables(): string {
  const routes = Object.entries(ROUTE_RIGHTS).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, rights]) => row(`\`${method} ${path}\``, rights)),
  )
  const topics = Object.entries(TOPIC_RIGHTS).flatMap(([kind, { publish, subscribe }]) => {
    const topic = topicOf('tierwise', kind as MessageKind, subjectOf(kind as MessageKind))
    return [row(`publish \`${topic}\``, publish), row(`read \`${topic}\``, subscribe)]
  })
  return [...head('route'), ...routes, '', ...head('topic'), ...topics, ''].join('\n')
}

function subjectOf(kind: MessageKind): string | undefined {
  return hasSubject(kind) ? '<name>' : undefined
}

function head(first: string): string[] {
  const titles = [first, 'without credentials', ...ROLES]
  return [line(titles), line(titles.map(() => '---'))]
}

function row(what: string, rights: RouteRights): string {
  if (rights === 'anyone') return line([what, 'yes', ...ROLES.map(() => 'yes')])
  const cells = ROLES.map((role) => {
    const extent = rights[role]
    return extent === undefined ? '' : WORDS[extent]
  })
  return line([what, '', ...cells])
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
