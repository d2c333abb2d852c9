/**
 * Line 9's "random a", spread evenly. A network predicts nothing about a choice that a device has never taken, and whatever
 * it happens to say then may hide the best decision for ever; uniform draws leave such holes for long. So several
 * feasible decisions are drawn uniformly, and the one whose (device, choice) pairs were taken least is used.
 */
import type { Random } from '../../random.ts'
import type { Constraint } from '../constraint/constraint.ts'
import type { Availability, Decision, Problem, State } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'

/** Uniform draws to choose among: enough to find rare pairs, few enough to stay random. */
const DRAWS = 32

export interface ExplorationState {
  /** How often each device took each choice. [devices, choices] */
  readonly counts: Float64Array
  readonly lowestGoalPercent: number
  /** Whether the choice was ever available to the device. [devices][choices]; empty before the first state */
  readonly opened: Availability
  readonly start: number
}

export class Exploration {
  private readonly problem: Problem
  private readonly constraint: Constraint
  /** How often each device took each choice. [devices, choices] */
  private counts: Float64Array
  private lowestGoalPercent = Infinity
  private opened: Availability = []
  /** The real step from which exploration fades. */
  private start = 0

  constructor(problem: Problem, constraint: Constraint) {
    this.problem = problem
    this.constraint = constraint
    this.counts = new Float64Array(problem.devices * problem.choices.length)
  }

  /** All randomness is drawn here, so that the rule may be applied any number of times. */
  rule(random: Random): (state: State) => Decision {
    const draws = Array.from({ length: DRAWS }, () => random.uniform())
    return (state) => {
      const indices = this.constraint.explorable(state)
      const decisions = draws.map((draw) =>
        decisionOf(indices[Math.floor(draw * indices.length)], this.problem),
      )
      return decisions.reduce((best, decision) =>
        this.novelty(decision) > this.novelty(best) ? decision : best,
      )
    }
  }

  /**
   * How little is known of each joint decision: `novelty` of all. [choices^devices]
   */
  novelties(): Float32Array {
    const choices = this.problem.choices.length
    let sums = new Float32Array(1)
    for (let device = 0; device < this.problem.devices; device++) {
      const terms = Array.from(
        this.counts.subarray(device * choices, (device + 1) * choices),
        (count) => 1 / (1 + count),
      )
      const next = new Float32Array(sums.length * choices)
      for (let row = 0; row < sums.length; row++) {
        for (let choice = 0; choice < choices; choice++) {
          next[row * choices + choice] = sums[row] + terms[choice]
        }
      }
      sums = next
    }
    return sums
  }

  count(decision: Decision): void {
    for (const [device, choice] of decision.entries()) {
      const pair = device * this.problem.choices.length + choice
      this.counts[pair] = this.counts[pair] + 1
    }
  }

  /**
   * Starts exploration anew where decisions became feasible that never were: a goal lower than any before, or a choice that
   * was never available to a device. A higher goal or a lost tier only leaves a part of what is known.
   */
  notice({ goalPercent, available }: State, step: number): void {
    const wasOpen = (device: number, choice: number) => this.opened[device]?.[choice] === true
    const opens = available.some((row, device) =>
      row.some((open, choice) => open && !wasOpen(device, choice)),
    )
    if (goalPercent >= this.lowestGoalPercent && !opens) return
    this.start = step
    this.lowestGoalPercent = Math.min(goalPercent, this.lowestGoalPercent)
    this.opened = available.map((row, device) =>
      row.map((open, choice) => open || wasOpen(device, choice)),
    )
  }

  /** Real steps since exploration last started. */
  age(step: number): number {
    return step - this.start
  }

  save(): ExplorationState {
    const { lowestGoalPercent, opened, start } = this
    return { counts: this.counts.slice(), lowestGoalPercent, opened, start }
  }

  restore(state: ExplorationState): void {
    this.counts = state.counts.slice()
    this.lowestGoalPercent = state.lowestGoalPercent
    this.opened = state.opened
    this.start = state.start
  }

  /**
   * How little is known of a joint decision: the sum over devices of 1 / (1 + times this device took this choice). It falls
   * faster than the noise of a mean, 1/√n, because with the first few tries goes more than noise: not knowing, in which company
   * a choice was tried.
   */
  novelty(decision: Decision): number {
    const { choices } = this.problem
    return decision.reduce(
      (sum, choice, device) => sum + 1 / (1 + this.counts[device * choices.length + choice]),
      0,
    )
  }
}
