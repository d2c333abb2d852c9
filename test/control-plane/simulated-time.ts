/** One seeded order of events, and machines that live in it. */
import type { Timers } from '../../src/clock.ts'
import { Random } from '../../src/random.ts'

interface Event {
  readonly atMs: number
  /** Of two at one time, the one that was planned first comes first. */
  readonly order: number
  readonly act: () => void
  /** Whose event it is: nothing happens in a machine that is dead, or before it goes on. */
  readonly machine: Machine | undefined
}

/** Time that jumps from event to event. */
export class SimulatedTime {
  nowMs = 0
  readonly random: Random
  /** Told after every event. */
  onStep: () => void = () => {}
  private readonly events: Event[] = []
  private planned = 0

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  /** Uniform between two numbers. */
  between(least: number, most: number): number {
    return least + this.random.uniform() * (most - least)
  }

  plan(delayMs: number, act: () => void, machine?: Machine): void {
    this.insert({ atMs: this.nowMs + Math.max(0, delayMs), order: this.planned++, act, machine })
  }

  /** Lets all happen that is to happen until then; each event's promises settle before the next event. */
  async run(untilMs: number): Promise<void> {
    for (let event = this.next(untilMs); event; event = this.next(untilMs)) {
      this.nowMs = event.atMs
      const { machine } = event
      if (machine?.isAlive === false) continue
      if (machine !== undefined && machine.pausedUntilMs > event.atMs) {
        // Its order stays: what came during one pause comes before what came during a longer one over it.
        this.insert({ ...event, atMs: machine.pausedUntilMs })
        continue
      }
      event.act()
      await settled()
      this.onStep()
    }
    this.nowMs = untilMs
  }

  private next(untilMs: number): Event | undefined {
    const [first] = this.events
    if (first === undefined || first.atMs > untilMs) return undefined
    const last = this.events.pop()
    if (last !== undefined && last !== first) this.sink(last)
    return first
  }

  private insert(event: Event): void {
    let place = this.events.length
    while (place > 0) {
      const above = this.events[(place - 1) >> 1]
      if (above === undefined || !isBefore(event, above)) break
      this.events[place] = above
      place = (place - 1) >> 1
    }
    this.events[place] = event
  }

  private sink(event: Event): void {
    let place = 0
    for (;;) {
      const left = this.events[2 * place + 1]
      const right = this.events[2 * place + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const least = isRight ? right : left
      if (least === undefined || !isBefore(least, event)) break
      this.events[place] = least
      place = 2 * place + (isRight ? 2 : 1)
    }
    this.events[place] = event
  }
}

/** A process on a machine of its own: its clock is off, it may pause, and it may die at any moment. */
export class Machine implements Timers {
  isAlive = true
  pausedUntilMs = 0
  readonly name: string
  private readonly time: SimulatedTime
  private readonly offsetMs: number
  /** Of its clock, to true time. */
  private readonly rate: number

  constructor(name: string, time: SimulatedTime) {
    this.name = name
    this.time = time
    this.offsetMs = time.between(0, 1e6)
    this.rate = time.between(0.98, 1.02)
  }

  nowMs(): number {
    return this.offsetMs + this.time.nowMs * this.rate
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  after(ms: number, act: () => void): () => void {
    let isDue = true
    this.time.plan(ms / this.rate, () => isDue && act(), this)
    return () => {
      isDue = false
    }
  }

  /** Nothing of it happens any more; its promises stay unsettled for ever. */
  kill(): void {
    this.isAlive = false
  }

  /**
   * As a virtual machine that is moved: what is due meanwhile happens late, by a clock that went on. A shorter pause within a longer
   * one ends nothing: else what waits for the end of the longer would be overtaken on its own connection.
   */
  pause(ms: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.time.nowMs + ms)
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}

/** Two turns of the event loop: what an event set off has happened, what that put off by `setImmediate` included. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}
