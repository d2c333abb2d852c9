/**
 * Keeps the goal on average over rounds. No decision is below it, but a request that falls back may be served less
 * accurately than decided, and then its round is. What that cost is paid back: later decisions are held to more.
 */
import { averageAccuracyPercent } from '../fleet/goal.ts'

/** Rounds over which a debt is paid back. */
const PAYBACK_ROUNDS = 10
/** The goal is raised in such steps, percent: agents plan anew for every goal. */
const STEP_PERCENT = 0.5
/** Most that is owed, percent times rounds: what could not be paid for long is not owed for ever. */
const MOST_OWED = 200
/** Left over by rounding. */
const NOTHING = 1e-6

/** Owes what rounds fell short of the goal. */
export class GoalGovernor {
  /** Percent times rounds. */
  private owed = 0

  /** A round has closed. @param accuracyPercent of what was served. Shape [devices] */
  hear(accuracyPercent: readonly number[], goalPercent: number): void {
    const owed = this.owed + goalPercent - averageAccuracyPercent(accuracyPercent)
    this.owed = owed < NOTHING ? 0 : Math.min(owed, MOST_OWED)
  }

  /** What decisions are to meet now. @param reachablePercent what no decision goes above */
  raised(goalPercent: number, reachablePercent: number): number {
    if (this.owed === 0) return goalPercent
    const steps = Math.ceil(this.owed / PAYBACK_ROUNDS / STEP_PERCENT)
    return Math.max(goalPercent, Math.min(goalPercent + steps * STEP_PERCENT, reachablePercent))
  }

  /** Another goal, another account. */
  restart(): void {
    this.owed = 0
  }
}
