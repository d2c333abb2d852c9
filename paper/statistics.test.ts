import { describe, expect, test } from 'vitest'
import { Random } from '../src/random.ts'
import { bootstrap, interquartileMean, median, percentile } from './statistics.ts'

const NEVER = Number.POSITIVE_INFINITY

describe('median', () => {
  test.each([
    [[5], 5],
    [[9, 1, 4], 4],
    [[1, 2, 10, 3], 2.5],
    [[1, 2, NEVER], 2],
    [[1, NEVER, NEVER], NEVER],
    [[1, NEVER], NEVER],
    [[NEVER, NEVER], NEVER],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })
})

test('percentile is a value that is there', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(hundred, 0.95)).toBe(95)
  expect(percentile([3, 1, 2], 0.95)).toBe(3)
  expect(percentile([4], 0)).toBe(4)
  expect(percentile([1, NEVER], 0.5)).toBe(1)
  expect(percentile([1, NEVER], 0.51)).toBe(NEVER)
})

describe('interquartileMean', () => {
  test.each([
    [[1, 2, 3, 100], 2.5],
    [[100, 3, 2, 1, 4, 5, 6, 0], (2 + 3 + 4 + 5) / 4],
    [[1, 2, 3], 2],
    [[1, 2, 3, NEVER], 2.5],
    [[1, 2, NEVER, NEVER], NEVER],
  ])('of %j is %d', (values, expected) => {
    expect(interquartileMean(values)).toBe(expected)
  })
})

describe('bootstrap', () => {
  const draws = () => {
    const random = new Random(3)
    return () => random.uniform()
  }
  const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

  test('of equal values has no width', () => {
    const interval = bootstrap([[7, 7, 7]], ([values = []]) => median(values), draws())
    expect(interval).toEqual({ low: 7, high: 7 })
  })

  test('of a mean agrees with the normal interval', () => {
    const random = new Random(11)
    const values = Array.from({ length: 200 }, () => random.normal())
    const { low, high } = bootstrap([values], ([group = []]) => meanOf(group), draws())
    const centre = meanOf(values)
    const halfWidth = 1.96 / Math.sqrt(200)
    expect(low).toBeCloseTo(centre - halfWidth, 1)
    expect(high).toBeCloseTo(centre + halfWidth, 1)
  })

  test('resamples each group by itself', () => {
    const { low, high } = bootstrap(
      [
        [100, 100],
        [4, 4, 4],
      ],
      ([a = [], b = []]) => median(a) / median(b),
      draws(),
    )
    expect([low, high]).toEqual([25, 25])
  })

  test('has no upper bound where many runs never converge', () => {
    const values = [10, 12, 14, NEVER, NEVER]
    const { low, high } = bootstrap([values], ([group = []]) => median(group), draws())
    expect(low).toBeLessThanOrEqual(12)
    expect(high).toBe(NEVER)
  })

  test('the same draws give the same interval', () => {
    const once = () => bootstrap([[1, 5, 9, 2]], ([group = []]) => median(group), draws())
    expect(once()).toEqual(once())
  })
})
