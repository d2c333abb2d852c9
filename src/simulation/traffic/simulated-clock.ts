/** A discrete-event clock: time jumps from one scheduled event to the next. */
import { InvalidInputError } from '../../errors.ts'

/** Simulated time, and what is to happen in it. */
export class SimulatedClock {
  private timeMs = 0
  /** In the order in which they will happen; those of one instant in the order of scheduling. */
  private readonly events: { readonly atMs: number; readonly action: () => void }[] = []

  nowMs(): number {
    return this.timeMs
  }

  /** Runs `action` after `delayMs` of simulated time. @throws InvalidInputError if that is not a time to come */
  schedule(delayMs: number, action: () => void): void {
    if (!(delayMs >= 0 && delayMs < Infinity)) {
      throw new InvalidInputError(`an event cannot happen in ${delayMs} ms: give 0 or more`)
    }
    const atMs = this.timeMs + delayMs
    const earlier = this.events.findLastIndex((event) => event.atMs <= atMs)
    this.events.splice(earlier + 1, 0, { atMs, action })
  }

  /** Lets all events of the next `ms` milliseconds happen, those that they schedule included. `Infinity`: all there are. */
  advance(ms: number): void {
    const untilMs = this.timeMs + ms
    while (this.events.length > 0 && this.events[0].atMs <= untilMs) {
      const [next] = this.events.splice(0, 1)
      this.timeMs = next.atMs
      next.action()
    }
    this.timeMs = untilMs
  }
}
