/** A good decision that meets the goal, found from the prices of the bound: descent on either side of the accuracy price. */
import { Assignment } from './assignment.ts'
import { withCloudUsers } from './cloud-users.ts'
import { type DescentOptions, descend, polish } from './descent.ts'
import type { Dual } from './dual.ts'
import type { Prices } from './problem.ts'
import { type Reduced, reduce } from './reduced.ts'
import { swap } from './swaps.ts'

/** First step away from the price of the bound, relative; each further one is four times as wide. */
const FIRST_STEP = 1e-3
const MOST_STEPS = 14
const MOST_HALVINGS = 10

/**
 * @param cloudUsers how many users the cloud has at first, if that is better than what the prices alone give
 * @param withPairs whether to look for pairs of moves too
 * @returns the best decision found; not feasible only if none was found
 */
export function findDecision(
  dual: Dual,
  prices: Prices,
  cloudUsers: number,
  withPairs = true,
): Assignment {
  const { accuracyMs, cloudMs } = prices
  dual.evaluate(accuracyMs, cloudMs)
  let start = new Assignment(dual.instance)
  start.takeFrom(dual, cloudMs)
  if (start.cloudUsers !== cloudUsers) {
    const other = withCloudUsers(dual, prices, cloudUsers)
    descend(start, dual.reduced)
    descend(other, dual.reduced)
    const pricedMs = ({ totalMs, lost }: Assignment) => totalMs + accuracyMs * lost
    if (pricedMs(other) < pricedMs(start)) start = other
  }
  return new Primal(dual.reduced, start).run(accuracyMs, withPairs)
}

/** An assignment that descent ended at, and the accuracy price it had. */
interface End {
  readonly assignment: Assignment
  accuracyMs: number
}

class Primal {
  private readonly reduced: Reduced
  private readonly best: Assignment
  private readonly trial: Assignment
  private bestMs = Infinity

  constructor(reduced: Reduced, start: Assignment) {
    this.reduced = reduced
    this.trial = start
    this.best = new Assignment(start.instance)
    this.best.copyFrom(start)
  }

  run(accuracyMs: number, withPairs: boolean): Assignment {
    const { trial, reduced } = this
    const { instance } = trial
    descend(trial, reduced)
    const meets = { assignment: new Assignment(instance), accuracyMs }
    const misses = { assignment: new Assignment(instance), accuracyMs }
    const isMet = this.place(accuracyMs, meets, misses)
    const smallestMs = (1e-4 * Math.abs(trial.totalMs)) / instance.devices
    const bracketed = isMet
      ? this.lower(accuracyMs, meets, misses)
      : this.raise(Math.max(accuracyMs, smallestMs), meets, misses)
    if (bracketed) {
      this.halve(meets, misses)
      // From the side that misses the goal, move by move until it is met; from the other, as far as it allows.
      this.finish(misses, meets.accuracyMs, { untilLost: instance.budget })
      this.finish(meets, misses.accuracyMs, { mostLost: instance.budget })
    } else if (meets.assignment.isFeasible) {
      this.finish(meets, meets.accuracyMs, { mostLost: instance.budget })
    }
    if (withPairs && this.bestMs < Infinity) swap(this.best, meets.accuracyMs)
    return this.best
  }

  /** Keeps the trial on the side where it belongs. @returns whether it meets the goal */
  private place(accuracyMs: number, meets: End, misses: End): boolean {
    const isMet = this.trial.lost <= this.trial.instance.budget
    const side = isMet ? meets : misses
    side.assignment.copyFrom(this.trial)
    side.accuracyMs = accuracyMs
    return isMet
  }

  private descendAt(accuracyMs: number, options?: DescentOptions): void {
    reduce(this.trial.instance, accuracyMs, this.reduced)
    descend(this.trial, this.reduced, options)
  }

  private lower(accuracyMs: number, meets: End, misses: End): boolean {
    if (accuracyMs === 0) return false
    let factor = FIRST_STEP
    for (let step = 0; step < MOST_STEPS; step++, factor *= 4) {
      const lowerMs = Math.max(0, accuracyMs * (1 - factor))
      this.descendAt(lowerMs)
      if (!this.place(lowerMs, meets, misses)) return true
      if (lowerMs === 0) return false
    }
    return false
  }

  private raise(accuracyMs: number, meets: End, misses: End): boolean {
    let factor = FIRST_STEP
    for (let step = 0; step < MOST_STEPS; step++, factor *= 4) {
      const higherMs = accuracyMs * (1 + factor)
      this.descendAt(higherMs)
      if (this.place(higherMs, meets, misses)) return true
    }
    return false
  }

  private halve(meets: End, misses: End): void {
    const { budget } = this.trial.instance
    for (let i = 0; i < MOST_HALVINGS && meets.assignment.lost < budget; i++) {
      const accuracyMs = (meets.accuracyMs + misses.accuracyMs) / 2
      this.trial.copyFrom(misses.assignment)
      this.descendAt(accuracyMs)
      this.place(accuracyMs, meets, misses)
    }
  }

  private finish({ assignment }: End, accuracyMs: number, options: DescentOptions): void {
    this.trial.copyFrom(assignment)
    this.descendAt(accuracyMs, options)
    if (!this.trial.isFeasible) return
    polish(this.trial)
    const totalMs = this.trial.totalMs
    if (totalMs >= this.bestMs) return
    this.best.copyFrom(this.trial)
    this.bestMs = totalMs
  }
}
