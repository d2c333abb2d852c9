import { expect, it } from 'vitest'
import { Random } from '../random.ts'
import { cholesky, inverse, solve, times } from './linear-algebra.ts'

it('factors a matrix by hand', () => {
  // [4 2; 2 5] = L Lᵀ with L = [2 0; 1 2].
  expect([...cholesky(Float64Array.of(4, 2, 2, 5))]).toEqual([2, 0, 1, 2])
  // Of rank one: no division by zero, unless a least pivot is asked for.
  expect([...cholesky(Float64Array.of(1, 1, 1, 1))]).toEqual([1, 0, 1, 0])
  expect([...cholesky(Float64Array.of(1, 1, 1, 1), 0.25)]).toEqual([1, 0, 1, 0.5])
})

it('solves by hand', () => {
  // [4 2; 2 5] · [1, 2] = [8, 12].
  const lower = cholesky(Float64Array.of(4, 2, 2, 5))
  expect([...solve(lower, Float64Array.of(8, 12))]).toEqual([1, 2])
})

it('inverts a matrix by hand', () => {
  // Determinant 16: [5 -2; -2 4] / 16.
  const inverted = inverse(Float64Array.of(4, 2, 2, 5))
  for (const [i, value] of [5 / 16, -2 / 16, -2 / 16, 4 / 16].entries()) {
    expect(inverted[i]).toBeCloseTo(value, 12)
  }
})

it('inverts what it is given (fuzz)', () => {
  const random = new Random(1)
  for (let round = 0; round < 30; round++) {
    const size = 1 + random.integer(8)
    const root = Float64Array.from({ length: size * size }, () => random.normal())
    const matrix = root.map((_, index) => {
      const [i, j] = [Math.floor(index / size), index % size]
      let sum = i === j ? 0.5 : 0
      for (let k = 0; k < size; k++) {
        sum += root[i * size + k] * root[j * size + k]
      }
      return sum
    })
    const inverted = inverse(matrix)
    for (let column = 0; column < size; column++) {
      const unit = times(
        matrix,
        Float64Array.from({ length: size }, (_, i) => inverted[i * size + column]),
      )
      unit.forEach((value, i) => {
        expect(value).toBeCloseTo(i === column ? 1 : 0, 8)
      })
    }
  }
})
