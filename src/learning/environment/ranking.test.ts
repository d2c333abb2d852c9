import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { argmin, lowest } from './ranking.ts'

it('takes the lowest cost among the feasible only, the first of equals', () => {
  const costs = Float32Array.of(0, 5, 3, 3, 1)
  expect(argmin(costs, Uint32Array.of(1, 2, 3))).toBe(2)
  expect(lowest(costs, Uint32Array.of(1, 2, 3), 2)).toEqual([2, 3])
  expect(lowest(costs, Uint32Array.of(1, 2), 5)).toEqual([2, 1])
})

it('agrees with sorting (fuzz)', () => {
  const random = new Random(12)
  for (let round = 0; round < 200; round++) {
    const size = 1 + random.integer(60)
    // Few different values, so that ties are common.
    const costs = Float32Array.from({ length: size }, () => random.integer(12) - 6)
    const feasible = Uint32Array.from(
      Array.from({ length: size }, (_, index) => index).filter(() => random.integer(3) > 0),
    )
    if (feasible.length === 0) continue
    const sorted = [...feasible].sort((a, b) => (costs[a] ?? NaN) - (costs[b] ?? NaN) || a - b)
    expect(argmin(costs, feasible)).toBe(sorted[0])
    const count = 1 + random.integer(40)
    expect(lowest(costs, feasible, count)).toEqual(sorted.slice(0, count))
  }
})
