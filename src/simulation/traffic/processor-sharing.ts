/** A node that serves all its requests at once, each at the same share of its speed. */
import type { SimulatedClock } from './simulated-clock.ts'

interface Job {
  /** Time the request would still need if it were alone. */
  remainingMs: number
  readonly onDeparture: () => void
}

/** Remainders that differ by less are equal but for the rounding of floating point. */
const ROUNDING_MS = 1e-9

/** Requests on one node, which slow each other down. */
export class ProcessorSharing {
  private readonly clock: SimulatedClock
  private readonly slowdown: (requests: number) => number
  private jobs: Job[] = []
  private workedUntilMs = 0
  /** Departures planned before the last arrival are void. */
  private plan = 0

  /** @param slowdown how many times longer each of so many simultaneous requests takes than a lone one, ≥ 1 */
  constructor(clock: SimulatedClock, slowdown: (requests: number) => number) {
    this.clock = clock
    this.slowdown = slowdown
  }

  /** A request arrives now. @param serviceMs the time it takes when it is alone */
  arrive(serviceMs: number, onDeparture: () => void): void {
    this.work()
    this.jobs.push({ remainingMs: serviceMs, onDeparture })
    this.planDeparture()
  }

  /** Brings the remaining work up to now. */
  private work(): void {
    const doneMs = (this.clock.nowMs() - this.workedUntilMs) / this.slowdown(this.jobs.length)
    for (const job of this.jobs) job.remainingMs -= doneMs
    this.workedUntilMs = this.clock.nowMs()
  }

  private planDeparture(): void {
    if (this.jobs.length === 0) return
    const plan = ++this.plan
    const shortestMs = Math.min(...this.jobs.map((job) => job.remainingMs))
    const delayMs = Math.max(0, shortestMs) * this.slowdown(this.jobs.length)
    this.clock.schedule(delayMs, () => {
      if (plan === this.plan) this.depart()
    })
  }

  /** Nothing arrived since the plan was made, so the shortest request has finished, with those equally short. */
  private depart(): void {
    this.work()
    const shortestMs = Math.min(...this.jobs.map((job) => job.remainingMs))
    const done = this.jobs.filter((job) => job.remainingMs - shortestMs <= ROUNDING_MS)
    this.jobs = this.jobs.filter((job) => job.remainingMs - shortestMs > ROUNDING_MS)
    this.planDeparture()
    for (const job of done) job.onDeparture()
  }
}
