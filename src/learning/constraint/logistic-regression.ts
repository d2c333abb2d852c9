/**
 * Logistic regression with an L2 prior, over rows that are sums of few unit vectors:
 *   min over w of Σ_k log(1 + exp(−s_k z_k)) + (λ/2)|w|²,  z_k = Σ over the row's indices i of w_i,  s_k = ±1.
 * Newton's method with a line search. Strictly convex, so there is one minimum wherever it starts; with separable labels and a
 * small λ it is close to the plane of maximal margin.
 */
import { cholesky, solve } from '../linear-algebra.ts'

/** What is learned from. */
export interface LabelledRows {
  /** Indices of weights; one that occurs twice counts twice. [rows][active] */
  readonly rows: readonly (readonly number[])[]
  /** +1 or −1. [rows] */
  readonly signs: readonly number[]
}

/** Largest gradient left; Newton's last iteration squares it away. */
const TOLERANCE = 1e-8
/** Above ten at the λ in use; a bound against rounding that never settles. */
const MOST_ITERATIONS = 100
/** Armijo's sufficient decrease, and the shortest step tried. */
const SUFFICIENT = 1e-4
const SHORTEST_STEP = 1e-9

/**
 * @param start where the search begins [size]
 * @returns the weights of the minimum [size]
 */
export function fitLogistic(data: LabelledRows, lambda: number, start: Float64Array): Float64Array {
  let weights = start
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const { gradient, hessian } = derivatives(data, lambda, weights)
    if (gradient.every((slope) => Math.abs(slope) < TOLERANCE)) break
    const next = lineSearch(data, lambda, weights, gradient, solve(cholesky(hessian), gradient))
    if (!next) break
    weights = next
  }
  return weights
}

/** The function that is minimised. */
export function loss({ rows, signs }: LabelledRows, lambda: number, weights: Float64Array): number {
  let sum = (lambda / 2) * weights.reduce((squares, weight) => squares + weight * weight, 0)
  for (const [k, row] of rows.entries()) {
    const margin = signs[k] * score(row, weights)
    // log(1 + exp(−margin)) that neither overflows nor loses its digits.
    sum += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))
  }
  return sum
}

/** @returns gradient [size], Hessian [size, size] */
export function derivatives(
  { rows, signs }: LabelledRows,
  lambda: number,
  weights: Float64Array,
): { gradient: Float64Array; hessian: Float64Array } {
  const size = weights.length
  const gradient = weights.map((weight) => lambda * weight)
  const hessian = new Float64Array(size * size)
  for (let i = 0; i < size; i++) hessian[i * size + i] = lambda
  for (const [k, row] of rows.entries()) {
    const sign = signs[k]
    // Probability given to the wrong label.
    const wrong = 1 / (1 + Math.exp(sign * score(row, weights)))
    for (const i of row) {
      gradient[i] = gradient[i] - sign * wrong
      for (const j of row) {
        const at = i * size + j
        hessian[at] = hessian[at] + wrong * (1 - wrong)
      }
    }
  }
  return { gradient, hessian }
}

function score(row: readonly number[], weights: Float64Array): number {
  let sum = 0
  for (const i of row) sum += weights[i]
  return sum
}

/** The first of the steps 1, ½, ¼, … that lowers the loss enough; undefined when rounding leaves none. */
function lineSearch(
  data: LabelledRows,
  lambda: number,
  weights: Float64Array,
  gradient: Float64Array,
  direction: Float64Array,
): Float64Array | undefined {
  const before = loss(data, lambda, weights)
  const slope = gradient.reduce((sum, value, i) => sum + value * direction[i], 0)
  for (let step = 1; step > SHORTEST_STEP; step /= 2) {
    const next = weights.map((weight, i) => weight - step * direction[i])
    if (loss(data, lambda, next) <= before - SUFFICIENT * step * slope) return next
  }
  return undefined
}
