/**
 * Bayesian linear regression with unknown noise: weights w | σ² ~ N(mean, σ² · covariance), σ² ~ inverse gamma. Exact but for what
 * is said at `Options`; one rank-one update per row (the Kalman form of recursive least squares).
 */
export interface LinearPosteriorState {
  /** [size] */
  readonly mean: Float64Array
  /** In units of σ². [size, size] */
  readonly covariance: Float64Array
  /** Σ of squared residuals, each in units of its predictive variance over σ². */
  readonly squares: number
  /** How many rows `squares` counts as. */
  readonly rows: number
}

/** A row that is zero but for these; an index may come twice, and its values then add up. */
export interface SparseVector {
  readonly indices: readonly number[]
  readonly values: readonly number[]
}

export interface LinearPosteriorOptions {
  /** First guess of σ, and how many rows it counts as. */
  readonly noise: { readonly deviation: number; readonly rows: number }
  /** Rows after which what was learned along a direction counts no more than what is observed along it now; Infinity: never. */
  readonly memory: number
  /** Predictive deviations beyond which a residual counts as this many: an outlier is one bad row and no more. */
  readonly clip: number
}

export class LinearPosterior {
  private readonly options: LinearPosteriorOptions
  private mean = new Float64Array(0)
  private covariance = new Float64Array(0)
  private squares: number
  private rows: number

  constructor(options: LinearPosteriorOptions) {
    const { deviation, rows } = options.noise
    this.options = options
    this.squares = rows * deviation ** 2
    this.rows = rows
  }

  get size(): number {
    return this.mean.length
  }

  /** σ, as it is estimated now. */
  get noiseDeviation(): number {
    return Math.sqrt(this.squares / this.rows)
  }

  /** Adds weights, independent of those there are. @param prior mean and deviation of each */
  grow(prior: readonly { readonly mean: number; readonly deviation: number }[]): void {
    const before = this.size
    const size = before + prior.length
    const covariance = new Float64Array(size * size)
    for (let i = 0; i < before; i++) {
      covariance.set(this.covariance.subarray(i * before, (i + 1) * before), i * size)
    }
    const { deviation: noise } = this.options.noise
    for (const [i, { deviation }] of prior.entries()) {
      covariance[(before + i) * (size + 1)] = (deviation / noise) ** 2
    }
    this.mean = Float64Array.of(...this.mean, ...prior.map(({ mean }) => mean))
    this.covariance = covariance
  }

  /** Learns that `row · w` was observed as `value`. */
  observe(row: SparseVector, value: number): void {
    const { mean, size } = this
    const { memory, clip } = this.options
    const gain = this.timesCovariance(row)
    const spread = dot(row, gain)
    const residual = value - this.expected(row)
    const most = clip * this.noiseDeviation * Math.sqrt(1 + spread)
    const clipped = Math.max(-most, Math.min(most, residual))
    const kept = 1 - 1 / memory
    this.squares = kept * this.squares + clipped ** 2 / (1 + spread)
    this.rows = kept * this.rows + 1
    if (spread === 0) return
    // Huber's weight: the row is learned whole, but as one so much noisier as its residual is beyond the cut.
    const noise = Math.max(1, Math.abs(residual) / most)
    // Forgetting along this row alone: its variance grows by 1 / kept, then the row is learned.
    const variance = noise + spread / kept
    const change = (1 / kept - 1) / spread - 1 / (kept * kept * variance)
    const touched = [...gain.keys()].filter((i) => gain[i] !== 0)
    for (const i of touched) {
      mean[i] = mean[i] + (gain[i] / kept / variance) * residual
      for (const j of touched) {
        const at = i * size + j
        this.covariance[at] = this.covariance[at] + change * gain[i] * gain[j]
      }
    }
  }

  /** What is expected of `row · w`. */
  expected(row: SparseVector): number {
    return dot(row, this.mean)
  }

  /**
   * The weights seen through a matrix: u = M w.
   * @param rows of M [rows]
   * @returns mean [rows]; covariance in units of σ² [rows, rows]
   */
  project(rows: readonly SparseVector[]): { mean: Float64Array; covariance: Float64Array } {
    const covariance = new Float64Array(rows.length ** 2)
    for (const [i, row] of rows.entries()) {
      const products = this.timesCovariance(row)
      for (let j = 0; j <= i; j++) {
        const value = dot(rows[j], products)
        covariance[i * rows.length + j] = value
        covariance[j * rows.length + i] = value
      }
    }
    return { mean: Float64Array.from(rows, (row) => this.expected(row)), covariance }
  }

  save(): LinearPosteriorState {
    const { squares, rows } = this
    return { mean: this.mean.slice(), covariance: this.covariance.slice(), squares, rows }
  }

  restore({ mean, covariance, squares, rows }: LinearPosteriorState): void {
    this.mean = mean.slice()
    this.covariance = covariance.slice()
    this.squares = squares
    this.rows = rows
  }

  /** covariance · row. [size] */
  private timesCovariance({ indices, values }: SparseVector): Float64Array {
    const { size, covariance } = this
    const product = new Float64Array(size)
    for (const [i, index] of indices.entries()) {
      const value = values[i]
      const start = index * size
      for (let j = 0; j < size; j++) product[j] = product[j] + value * covariance[start + j]
    }
    return product
  }
}

function dot({ indices, values }: SparseVector, vector: Float64Array): number {
  let sum = 0
  for (let i = 0; i < indices.length; i++) sum += values[i] * vector[indices[i]]
  return sum
}
