/**
 * Line 9's "random a", spread evenly. A network predicts nothing about a choice that a device has never taken, and whatever
 * it happens to say then may hide the best decision for ever; uniform draws leave such holes for long. So several
 * feasible decisions are drawn uniformly, and the one whose (device, choice) pairs were taken least is used.
 */
import type { Random } from '../../random.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import { decisionOf, type FeasibleDecisions } from '../environment/feasible.ts'

/** Uniform draws to choose among: enough to find rare pairs, few enough to stay random. */
const DRAWS = 32

export class Exploration {
  private readonly problem: Problem
  private readonly feasible: FeasibleDecisions
  /** How often each device took each choice. [devices, choices] */
  private counts: Float64Array

  constructor(problem: Problem, feasible: FeasibleDecisions) {
    this.problem = problem
    this.feasible = feasible
    this.counts = new Float64Array(problem.devices * problem.choices.length)
  }

  /** All randomness is drawn here, so that the rule may be applied any number of times. */
  rule(random: Random): (state: State) => Decision {
    const draws = Array.from({ length: DRAWS }, () => random.uniform())
    return (state) => {
      const indices = this.feasible.indices(state)
      const decisions = draws.map((draw) =>
        decisionOf(indices[Math.floor(draw * indices.length)] as number, this.problem),
      )
      return decisions.reduce((best, decision) =>
        this.novelty(decision) > this.novelty(best) ? decision : best,
      )
    }
  }

  /**
   * How little is known of each joint decision: the sum over devices of 1/√(1 + times this device took this choice), the
   * form of an upper confidence bound for a sum of per-device terms. [choices^devices]
   */
  uncertainty(): Float32Array {
    const choices = this.problem.choices.length
    let sums = new Float32Array(1)
    for (let device = 0; device < this.problem.devices; device++) {
      const terms = Array.from(
        this.counts.subarray(device * choices, (device + 1) * choices),
        (count) => 1 / Math.sqrt(1 + count),
      )
      const next = new Float32Array(sums.length * choices)
      for (let row = 0; row < sums.length; row++) {
        for (let choice = 0; choice < choices; choice++) {
          next[row * choices + choice] = (sums[row] as number) + (terms[choice] as number)
        }
      }
      sums = next
    }
    return sums
  }

  count(decision: Decision): void {
    for (const [device, choice] of decision.entries()) {
      const pair = device * this.problem.choices.length + choice
      this.counts[pair] = (this.counts[pair] as number) + 1
    }
  }

  save(): Float64Array {
    return this.counts.slice()
  }

  restore(counts: Float64Array): void {
    this.counts = counts.slice()
  }

  private novelty(decision: Decision): number {
    const { choices } = this.problem
    return decision.reduce(
      (sum, choice, device) =>
        sum + 1 / (1 + (this.counts[device * choices.length + choice] as number)),
      0,
    )
  }
}
