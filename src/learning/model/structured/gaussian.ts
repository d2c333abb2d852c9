/** Normal distributions of a few dimensions. */
import type { Random } from '../../../random.ts'
import { cholesky, times } from '../../linear-algebra.ts'

/** A draw from N(mean [size], covariance [size, size]). [size] */
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
