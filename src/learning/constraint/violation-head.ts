import { sumPerDecision } from '../environment/decision-sums.ts'
import type { Problem } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import type { Label } from './goal-labels.ts'
import { fitLogistic } from './logistic-regression.ts'

/** Which weights there are, and their prior. */
export interface ViolationHeadOptions {
  /** λ of the logistic regression. */
  readonly regularization: number
  /** Whether a choice weighs the same on every device, which assumes that its accuracy is. */
  readonly tied: boolean
  /** Whether a choice has, beside its weight on each device, one that all devices share: a first guess, not an assumption. */
  readonly pooled: boolean
}

/**
 * Predicts which joint decisions break a goal: z(a) = b + Σ_j w[j, a_j], broken where z > 0, with probability 1/(1 + exp(−z)).
 * Breaking a lowest average over devices is exactly such a threshold on a sum, so a plane separates the two.
 */
export class ViolationHead {
  private readonly problem: Problem
  private readonly options: ViolationHeadOptions
  /** Where the weights that devices share begin: after those of single devices. */
  private readonly firstShared: number
  /** Of weights and bias; the bias is the last. */
  private readonly size: number

  constructor(problem: Problem, options: ViolationHeadOptions) {
    const { devices, choices } = problem
    const { tied, pooled } = options
    this.problem = problem
    this.options = options
    this.firstShared = tied ? 0 : devices * choices.length
    this.size = this.firstShared + (tied || pooled ? choices.length : 0) + 1
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
      ...decisionOf(action, this.problem).flatMap((choice, device) =>
        this.weightsOf(device, choice),
      ),
      this.size - 1,
    ])
    const signs = Array.from(labels.values(), (label) => (label === 'broken' ? 1 : -1))
    return fitLogistic({ rows, signs }, this.options.regularization, start)
  }

  /** z of every joint decision. [choices^devices] */
  scores(weights: Float64Array): Float32Array {
    const { devices, choices } = this.problem
    const perDevice = Array.from({ length: devices }, (_, device) =>
      choices.map((_, choice) =>
        this.weightsOf(device, choice).reduce((sum, i) => sum + weights[i], 0),
      ),
    ).flat()
    return sumPerDecision(this.problem, perDevice, weights[this.size - 1])
  }

  /** Indices of all weights of a choice on a device. */
  private weightsOf(device: number, choice: number): number[] {
    const { tied, pooled } = this.options
    const shared = this.firstShared + choice
    if (tied) return [shared]
    const own = device * this.problem.choices.length + choice
    return pooled ? [own, shared] : [own]
  }
}
