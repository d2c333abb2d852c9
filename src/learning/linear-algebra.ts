/** Symmetric matrices of a few dimensions: square, row by row. */

/** Rounding may leave a pivot a hair less than nothing, by which nothing can be divided. */
const LEAST_PIVOT = 1e-12

/**
 * Lower triangle L with L Lᵀ = matrix, which must be symmetric and, but for rounding, positive semidefinite.
 * @param matrix [size, size]
 * @param least what a pivot of L is squared at least; above 0 if L is to be inverted
 * @returns [size, size]
 */
export function cholesky(matrix: Float64Array, least = 0): Float64Array {
  const size = Math.sqrt(matrix.length)
  const lower = new Float64Array(matrix.length)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]
      for (let k = 0; k < j; k++) {
        rest -= lower[i * size + k] * lower[j * size + k]
      }
      const pivot = lower[j * size + j]
      if (i === j) lower[i * size + i] = Math.sqrt(Math.max(least, rest))
      else lower[i * size + j] = pivot > 0 ? rest / pivot : 0
    }
  }
  return lower
}

/**
 * x with L Lᵀ x = vector.
 * @param lower L, of `cholesky` [size, size]
 * @param vector [size]
 * @returns [size]
 */
export function solve(lower: Float64Array, vector: Float64Array): Float64Array {
  const x = vector.slice()
  solveInPlace(lower, x)
  return x
}

/** @param x the vector, replaced by the solution */
function solveInPlace(lower: Float64Array, x: Float64Array): void {
  const size = x.length
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) x[i] = x[i] - lower[i * size + j] * x[j]
    x[i] = x[i] / lower[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) x[i] = x[i] - lower[j * size + i] * x[j]
    x[i] = x[i] / lower[i * size + i]
  }
}

/** Of a positive definite matrix. [size, size] */
export function inverse(matrix: Float64Array): Float64Array {
  const size = Math.sqrt(matrix.length)
  const lower = cholesky(matrix, LEAST_PIVOT)
  const inverted = new Float64Array(matrix.length)
  const x = new Float64Array(size)
  for (let column = 0; column < size; column++) {
    x.fill(0)
    x[column] = 1
    solveInPlace(lower, x)
    for (let i = 0; i < size; i++) inverted[i * size + column] = x[i]
  }
  return inverted
}

/** matrix [size, size] · vector [size] */
export function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  return vector.map((_, i) => {
    let sum = 0
    for (let j = 0; j < size; j++) sum += matrix[i * size + j] * vector[j]
    return sum
  })
}
