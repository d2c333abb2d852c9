import { HoldUps } from './hold-ups.ts'

/** Share of requests that are in time if they are taken with the reserve. */
const QUANTILE = 0.99
/** Of the time that a request has: more is not kept free, or a node that is often held up would take no request that waits. */
const MOST_OF_TIME = 0.5
/** That wait to be counted, as long as a worker hangs. */
const MOST_LEFT = 256

/**
 * How much later than planned requests are done because services took longer, those ahead of them and their own. A request that
 * waits for eight services meets eight times as many hold-ups as one, so what is kept free for one service (`HoldUps`) is too
 * little to promise it anything. Which variants those ahead got does not count: that is chosen, and leaves room for it.
 */
export class LateServices<Request extends object> {
  private readonly reserve = new HoldUps(QUANTILE)
  /** Of all services so far, beyond what was planned. */
  private beyondMs = 0
  /** What it was when a request came. */
  private readonly atArrival = new WeakMap<Request, number>()
  /** The same, of those that left the queue since the last service ended: until the next does, it is not known how late they are. */
  private left: number[] = []

  came(request: Request): void {
    this.atArrival.set(request, this.beyondMs)
  }

  /** It is served now, or will not be. */
  leaves(request: Request): void {
    const before = this.atArrival.get(request)
    if (before !== undefined && this.left.length < MOST_LEFT) this.left.push(before)
  }

  /** A service ended. @param beyondMs by so much later than planned, shared among the workers */
  ended(beyondMs: number): void {
    this.beyondMs += beyondMs
    for (const before of this.left) this.reserve.observe(this.beyondMs - before)
    this.left = []
  }

  /** To be kept free for a request that has to wait. @param withinMs from now to its deadline */
  reserveMs(withinMs: number): number {
    return Math.min(this.reserve.reserveMs, MOST_OF_TIME * withinMs)
  }
}
