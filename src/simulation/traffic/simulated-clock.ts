/** A discrete-event clock: time jumps from one scheduled event to the next. */
import { InvalidInputError } from '../../errors.ts'

interface Event {
  readonly atMs: number
  /** Order of scheduling: events of one instant happen in it. */
  readonly order: number
  readonly action: () => void
}

/** Simulated time and the events that are to come in it. */
export class SimulatedClock {
  private timeMs = 0
  private scheduled = 0
  /** Binary heap, earliest first. */
  private readonly heap: Event[] = []

  nowMs(): number {
    return this.timeMs
  }

  /** Runs `action` after `delayMs` of simulated time. @throws InvalidInputError if that is not a time to come */
  schedule(delayMs: number, action: () => void): void {
    if (!(delayMs >= 0 && delayMs < Infinity)) {
      throw new InvalidInputError(`an event cannot happen in ${delayMs} ms: give 0 or more`)
    }
    const event = { atMs: this.timeMs + delayMs, order: this.scheduled++, action }
    let index = this.heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.heap[parent]
      if (above === undefined || !isBefore(event, above)) break
      this.heap[index] = above
      index = parent
    }
    this.heap[index] = event
  }

  /** Lets all events of the next `ms` milliseconds happen, those that they schedule included. `Infinity`: all there are. */
  advance(ms: number): void {
    const untilMs = this.timeMs + ms
    for (let next = this.heap[0]; next !== undefined && next.atMs <= untilMs; next = this.heap[0]) {
      this.happen(next)
    }
    this.timeMs = untilMs
  }

  private happen(earliest: Event): void {
    this.removeEarliest()
    this.timeMs = earliest.atMs
    earliest.action()
  }

  private removeEarliest(): void {
    const last = this.heap.pop()
    if (last === undefined || this.heap.length === 0) return
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const leftEvent = this.heap[left]
      if (leftEvent === undefined) break
      const rightEvent = this.heap[left + 1]
      const rightIsEarlier = rightEvent !== undefined && isBefore(rightEvent, leftEvent)
      const child = rightIsEarlier ? rightEvent : leftEvent
      if (!isBefore(child, last)) break
      this.heap[index] = child
      index = rightIsEarlier ? left + 1 : left
    }
    this.heap[index] = last
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
