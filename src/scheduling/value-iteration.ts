import { regretRewards } from './reward.ts'
import type { ServiceTimes } from './service-times.ts'

/** A node, and the grid of its states. */
export interface ScheduleProblem {
  readonly times: ServiceTimes
  readonly workers: number
  readonly deadlineMs: number
  /** Most waiting requests told apart. */
  readonly queueStates: number
  /** Points of slack from 0 to the deadline. */
  readonly slackStates: number
  /** See `regretRewards`. */
  readonly violationPrice?: number
}

/** Discount e^(−t / horizon), in service times of the largest variant: deadlines flush the past much sooner. */
const HORIZON_SERVICES = 40
/** The values of all states change alike, up to this: the policy has settled. */
const SPAN_TOLERANCE = 2e-4
const MOST_SWEEPS = 400
/** Points at which the distribution of the next head's arrival is sampled. */
const QUANTILES: readonly number[] = [0.1, 0.3, 0.5, 0.7, 0.9]

/**
 * The scheduling problem at one known rate of Poisson arrivals, solved by value iteration: a semi-Markov decision process
 * as in RAMSIS (Mendoza et al., EuroSys 2024), for requests with one deadline and no batches.
 *
 * State: how many wait (n) and the slack of the head; the others have arrived at any time since the head, all alike
 * (exact for Poisson arrivals). Action: the variant for the head. Until the next decision L/k pass, with service time L and
 * k workers, and Poisson(λ L/k) requests come. Reward: regret, −1 for a head that can no longer be served.
 */
export class ValueIteration {
  /** Value of n waiting with a slack. Shape [queueStates + 1, slackStates]; n = 0 is not used. */
  private readonly values: Float64Array
  /** Value after a service, by requests left waiting and slack, averaged over arrivals. Same shape. */
  private readonly after: Float64Array
  private readonly problem: ScheduleProblem
  private readonly rewards: ReturnType<typeof regretRewards>
  private readonly horizonMs: number
  /** Quantiles of the earliest of so many uniform times. Shape [count][quantiles]. */
  private readonly earliest: readonly (readonly number[])[]

  constructor(problem: ScheduleProblem) {
    const { times, queueStates, slackStates } = problem
    this.problem = problem
    this.values = new Float64Array((queueStates + 1) * slackStates)
    this.after = new Float64Array(this.values.length)
    this.earliest = Array.from({ length: queueStates + 1 }, (_, count) => earliestOf(count))
    this.rewards = regretRewards(times.ladder, problem.violationPrice)
    this.horizonMs = HORIZON_SERVICES * times.profiledMs(times.variants - 1, 0)
  }

  /**
   * Starts from the values of the last rate solved: solve rates in order.
   * @returns the value of every action. Shape [queueStates, slackStates, variants]; −∞ where the variant is late
   */
  solve(ratePerMs: number): Float32Array {
    const { times, queueStates, slackStates } = this.problem
    const actions = new Float32Array(queueStates * slackStates * times.variants)
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      this.sweepActions(ratePerMs, actions)
      if (this.update(actions, ratePerMs) < SPAN_TOLERANCE) break
    }
    return actions
  }

  private sweepActions(ratePerMs: number, actions: Float32Array): void {
    const { times, workers } = this.problem
    for (let variant = 0; variant < times.variants; variant++) {
      const passedMs = times.profiledMs(variant, 0) / workers
      this.averageOverArrivals(ratePerMs * passedMs)
      this.valueServing(variant, passedMs, ratePerMs, actions)
    }
  }

  /** @param expected arrivals during the service */
  private averageOverArrivals(expected: number): void {
    const { queueStates, slackStates } = this.problem
    const { after, values } = this
    const chances = poisson(expected, queueStates)
    after.fill(0)
    for (let left = 1; left <= queueStates; left++) {
      for (const [arrivals, chance] of chances.entries()) {
        const from = Math.min(queueStates, left + arrivals) * slackStates
        for (let slack = 0; slack < slackStates; slack++) {
          const at = left * slackStates + slack
          after[at] = after[at] + chance * values[from + slack]
        }
      }
    }
  }

  private valueServing(
    variant: number,
    passedMs: number,
    ratePerMs: number,
    actions: Float32Array,
  ): void {
    const { times, queueStates, slackStates } = this.problem
    const discount = Math.exp(-passedMs / this.horizonMs)
    const reward = this.rewards.onTime[variant]
    const emptied = this.valueWhenEmptied(passedMs, ratePerMs)
    for (let queued = 1; queued <= queueStates; queued++) {
      for (let slack = 0; slack < slackStates; slack++) {
        const slackMs = this.slackMs(slack)
        const isLate = times.ms(variant, 0) > slackMs
        const next =
          queued === 1 ? emptied : this.valueOfNext(this.after, queued, slackMs, passedMs)
        const at = ((queued - 1) * slackStates + slack) * times.variants + variant
        actions[at] = isLate ? -Infinity : reward + discount * next
      }
    }
  }

  /** Value after the only waiting request was served: the next head is the first to come meanwhile, or yet to come. */
  private valueWhenEmptied(passedMs: number, ratePerMs: number): number {
    const { queueStates, deadlineMs } = this.problem
    let value = 0
    for (const [arrivals, chance] of poisson(ratePerMs * passedMs, queueStates).entries()) {
      if (arrivals === 0) value += chance * this.valueOfIdling(ratePerMs)
      else value += chance * this.meanValue(this.values, arrivals, deadlineMs - passedMs, passedMs)
    }
    return value
  }

  /** Until the next arrival, whose time is exponential. */
  private valueOfIdling(ratePerMs: number): number {
    const discount = ratePerMs / (ratePerMs + 1 / this.horizonMs)
    return discount * this.interpolate(this.values, 1, this.problem.deadlineMs)
  }

  /** Mean value once the head has left and time has passed: the next head is the first of those that came after it. */
  private valueOfNext(
    values: Float64Array,
    queued: number,
    headSlackMs: number,
    passedMs: number,
  ): number {
    const windowMs = this.problem.deadlineMs - headSlackMs
    return this.meanValue(values, queued - 1, headSlackMs - passedMs, windowMs)
  }

  /** Mean over when the first of those waiting came: their slacks are uniform over a window above `leastMs`. */
  private meanValue(
    values: Float64Array,
    queued: number,
    leastMs: number,
    windowMs: number,
  ): number {
    let value = 0
    for (const share of this.earliest[queued]) {
      value += this.interpolate(values, queued, leastMs + windowMs * share)
    }
    return value / QUANTILES.length
  }

  /** Takes over the best actions. @returns the span of the change of all values */
  private update(actions: Float32Array, ratePerMs: number): number {
    const { times, queueStates, slackStates } = this.problem
    let least = Infinity
    let most = -Infinity
    for (let queued = 1; queued <= queueStates; queued++) {
      for (let slack = 0; slack < slackStates; slack++) {
        const first = ((queued - 1) * slackStates + slack) * times.variants
        let best = -Infinity
        for (let variant = 0; variant < times.variants; variant++) {
          best = Math.max(best, actions[first + variant])
        }
        if (best === -Infinity) best = this.valueOfDropping(queued, slack, ratePerMs)
        const at = queued * slackStates + slack
        const change = best - this.values[at]
        least = Math.min(least, change)
        most = Math.max(most, change)
        this.values[at] = best
      }
    }
    return most - least
  }

  private valueOfDropping(queued: number, slack: number, ratePerMs: number): number {
    if (queued === 1) return this.rewards.violation + this.valueOfIdling(ratePerMs)
    return this.rewards.violation + this.valueOfNext(this.values, queued, this.slackMs(slack), 0)
  }

  private slackMs(slack: number): number {
    const { deadlineMs, slackStates } = this.problem
    return (deadlineMs * slack) / (slackStates - 1)
  }

  private interpolate(values: Float64Array, queued: number, slackMs: number): number {
    const { deadlineMs, slackStates } = this.problem
    const position = Math.max(0, (slackMs / deadlineMs) * (slackStates - 1))
    const low = Math.min(slackStates - 2, Math.floor(position))
    const share = Math.min(1, position - low)
    const at = queued * slackStates + low
    return (1 - share) * values[at] + share * values[at + 1]
  }
}

/** The earliest of so many times, each uniform in [0, 1]. Shape [quantiles]. */
function earliestOf(count: number): number[] {
  return QUANTILES.map((quantile) => 1 - (1 - quantile) ** (1 / count))
}

/** Chances of 0, 1, … arrivals; the last holds the rest. @param most largest number of arrivals told apart */
function poisson(expected: number, most: number): number[] {
  const chances: number[] = []
  let chance = Math.exp(-expected)
  let rest = 1
  while (chances.length < most && rest > 1e-9) {
    chances.push(chance)
    rest -= chance
    chance *= expected / chances.length
  }
  chances.push(Math.max(0, rest))
  return chances
}
