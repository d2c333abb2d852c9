/** One (s, a, r, s') of Algorithm 1. Never changed once made, so buffers and checkpoints may share it. */
export interface Experience {
  /** s [stateSize] */
  readonly features: Float32Array
  /** a [devices] */
  readonly decision: readonly number[]
  /** r, in ms. */
  readonly cost: number
  /** s' [stateSize] */
  readonly nextFeatures: Float32Array
  /** How many real steps r is the mean of; one where it is not said. */
  readonly trials?: number
  /** Whether r and s' are the System Model's, not observed. */
  readonly predicted?: true
}

/** A sampled minibatch with what importance sampling and re-prioritising need. */
export interface Sample {
  /** [batch] */
  readonly experiences: readonly Experience[]
  /** Where each lies in the buffer. [batch] */
  readonly slots: readonly number[]
  /** Importance weights, at most 1 (Schaul et al. 2016, section 3.4). [batch] */
  readonly weights: Float32Array
}
