/**
 * Predicts which joint decisions break a goal: z(a) = b + Σ_j w[j, a_j], broken where z > 0, with probability 1/(1 + exp(−z)).
 * Breaking a lowest average over devices is exactly such a threshold on a sum, so a plane separates the two.
 */
import type { Problem } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { sumPerDecision } from './decision-sums.ts'
import type { Label } from './goal-labels.ts'
import { fitLogistic } from './logistic-regression.ts'

export interface ViolationHeadOptions {
  /** λ of the logistic regression. */
  readonly regularization: number
  /** Whether a choice weighs the same on every device, which assumes that its accuracy is. */
  readonly tied: boolean
}

export class ViolationHead {
  private readonly problem: Problem
  private readonly options: ViolationHeadOptions
  /** Of weights and bias; the bias is the last. */
  private readonly size: number

  constructor(problem: Problem, options: ViolationHeadOptions) {
    const { devices, choices } = problem
    this.problem = problem
    this.options = options
    this.size = (options.tied ? choices.length : devices * choices.length) + 1
  }

  /**
   * @param labels by joint decision
   * @param start weights of an earlier fit to start from
   * @returns weights, then the bias [size]
   */
  fit(
    labels: ReadonlyMap<number, Label>,
    start: Float64Array = new Float64Array(this.size),
  ): Float64Array {
    const rows = [...labels.keys()].map((action) => [
      ...decisionOf(action, this.problem).map((choice, device) => this.weightOf(device, choice)),
      this.size - 1,
    ])
    const signs = Array.from(labels.values(), (label) => (label === 'broken' ? 1 : -1))
    return fitLogistic({ rows, signs }, this.options.regularization, start)
  }

  /** z of every joint decision. [choices^devices] */
  scores(weights: Float64Array): Float32Array {
    const { devices, choices } = this.problem
    const perDevice = Array.from({ length: devices }, (_, device) =>
      choices.map((_, choice) => weights[this.weightOf(device, choice)] as number),
    ).flat()
    return sumPerDecision(this.problem, perDevice, weights[this.size - 1])
  }

  private weightOf(device: number, choice: number): number {
    return this.options.tied ? choice : device * this.problem.choices.length + choice
  }
}
