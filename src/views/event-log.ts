/** What happened to the fleet, told in sentences, as far back as is kept. */
import type { FleetEvent } from './schemas.ts'

/** Events that are kept; of more, the oldest is forgotten. */
const MAX_EVENTS = 1000
/** A sentence may quote what others wrote. */
const MAX_CHARACTERS = 600

/** Newest last. */
export class EventLog {
  private readonly events: FleetEvent[] = []
  private nextId = 0

  add(kind: FleetEvent['kind'], text: string, atMs: number, node?: string): void {
    const told = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text
    const event = { id: this.nextId, atMs, kind, text: told }
    this.events.push(node === undefined ? event : { ...event, node })
    this.nextId += 1
    if (this.events.length > MAX_EVENTS) this.events.shift()
  }

  /** The newest event goes on: it is told in other words, not again. @returns whether it was of this kind */
  amend(kind: FleetEvent['kind'], text: string): boolean {
    const newest = this.events.at(-1)
    if (newest?.kind !== kind) return false
    this.events[this.events.length - 1] = { ...newest, text }
    return true
  }

  /** @param most the newest of them */
  since(fromMs: number, most = MAX_EVENTS): FleetEvent[] {
    return this.events.filter(({ atMs }) => atMs >= fromMs).slice(-most)
  }
}
