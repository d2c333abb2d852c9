/** Normal distributions of a few dimensions. Matrices are square, row by row. */
import type { Random } from '../../../random.ts'

/** Lower triangle L with L Lᵀ = matrix. [size, size] */
export function cholesky(matrix: Float64Array): Float64Array {
  const size = Math.sqrt(matrix.length)
  const lower = new Float64Array(matrix.length)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]
      for (let k = 0; k < j; k++) {
        rest -= lower[i * size + k] * lower[j * size + k]
      }
      // Rounding may leave a hair less than nothing.
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(rest, 1e-12)) : rest / lower[j * size + j]
    }
  }
  return lower
}

/** x with L Lᵀ x = vector. @param lower of `cholesky`, [size, size] */
export function solve(lower: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  const x = vector.slice()
  for (let i = 0; i < size; i++) {
    let rest = x[i]
    for (let k = 0; k < i; k++) rest -= lower[i * size + k] * x[k]
    x[i] = rest / lower[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    let rest = x[i]
    for (let k = i + 1; k < size; k++) rest -= lower[k * size + i] * x[k]
    x[i] = rest / lower[i * size + i]
  }
  return x
}

/** Of a positive definite matrix. */
export function inverse(matrix: Float64Array): Float64Array {
  const size = Math.sqrt(matrix.length)
  const lower = cholesky(matrix)
  const inverted = new Float64Array(matrix.length)
  for (let unit = 0; unit < size; unit++) {
    const column = solve(
      lower,
      Float64Array.from({ length: size }, (_, i) => (i === unit ? 1 : 0)),
    )
    for (let i = 0; i < size; i++) inverted[i * size + unit] = column[i]
  }
  return inverted
}

/** matrix · vector */
export function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  return vector.map((_, i) => {
    let sum = 0
    for (let j = 0; j < size; j++) sum += matrix[i * size + j] * vector[j]
    return sum
  })
}

/** A draw from N(mean, covariance). */
export function draw(mean: Float64Array, covariance: Float64Array, random: Random): Float64Array {
  const lower = cholesky(covariance)
  const normals = mean.map(() => random.normal())
  return times(lower, normals).map((deviation, i) => deviation + mean[i])
}

/** Density of N(0, variance). */
export function normalDensity(deviation: number, variance: number): number {
  return Math.exp((-0.5 * deviation * deviation) / variance) / Math.sqrt(2 * Math.PI * variance)
}

/** Standard normal distribution function; error below 1e-7 (Abramowitz and Stegun, 26.2.17). */
export function normalCumulative(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = 0.3989422804014327 * Math.exp(-0.5 * x * x) * polynomial
  return x > 0 ? 1 - tail : tail
}
