/**
 * Bayesian linear regression: weights with independent normal priors, observations with normal noise of known deviation. Exact,
 * one rank-1 update per observation (the Kalman form of recursive least squares).
 */
export interface LinearPosteriorState {
  /** [size] */
  readonly mean: Float64Array
  /** [size, size] */
  readonly covariance: Float64Array
}

/** A feature vector that is zero but for these. */
export interface SparseVector {
  readonly indices: readonly number[]
  readonly values: readonly number[]
}

export class LinearPosterior {
  readonly size: number
  private readonly mean: Float64Array
  private readonly covariance: Float64Array

  /** @param mean of the prior [size] */
  constructor(mean: Float64Array, deviation: number) {
    this.size = mean.length
    this.mean = mean.slice()
    this.covariance = new Float64Array(this.size * this.size)
    for (let i = 0; i < this.size; i++) this.covariance[i * this.size + i] = deviation * deviation
  }

  /** Learns that `features · weights` was observed as `value`. */
  observe(features: SparseVector, value: number, noiseDeviation: number): void {
    const { size, mean, covariance } = this
    const { indices, values } = features
    // Σx; where it is zero, nothing changes.
    const gain = new Float64Array(size)
    for (const [i, index] of indices.entries()) {
      const row = index * size
      const x = values[i]
      for (let j = 0; j < size; j++) gain[j] = gain[j] + x * covariance[row + j]
    }
    let variance = noiseDeviation * noiseDeviation
    let error = value
    for (const [i, index] of indices.entries()) {
      variance += values[i] * gain[index]
      error -= values[i] * mean[index]
    }
    const touched = [...gain.keys()].filter((j) => gain[j] !== 0)
    for (const i of touched) {
      const share = gain[i] / variance
      mean[i] = mean[i] + share * error
      for (const j of touched) {
        const at = i * size + j
        covariance[at] = covariance[at] - share * gain[j]
      }
    }
  }

  /**
   * The weights seen through a context: with weight (i, k) at i · context.length + k, u_i = Σ_k context_k · weight (i, k).
   * @returns mean [size / context.length]; covariance of the same, square
   */
  project(context: Float64Array): { mean: Float64Array; covariance: Float64Array } {
    const { size } = this
    const rows = size / context.length
    const active = [...context.keys()].filter((k) => context[k] !== 0)
    const mean = new Float64Array(rows)
    const covariance = new Float64Array(rows * rows)
    for (let i = 0; i < rows; i++) {
      for (const k of active) {
        const own = i * context.length + k
        const x = context[k]
        mean[i] = mean[i] + x * this.mean[own]
        for (let j = 0; j < rows; j++) {
          for (const l of active) {
            const at = own * size + j * context.length + l
            covariance[i * rows + j] =
              covariance[i * rows + j] + x * context[l] * this.covariance[at]
          }
        }
      }
    }
    return { mean, covariance }
  }

  save(): LinearPosteriorState {
    return { mean: this.mean.slice(), covariance: this.covariance.slice() }
  }

  restore(state: LinearPosteriorState): void {
    this.mean.set(state.mean)
    this.covariance.set(state.covariance)
  }
}
