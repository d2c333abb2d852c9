import { describe, expect, test } from 'vitest'
import { shareInterval } from './share-interval.ts'

describe('shareInterval', () => {
  test('of 10 of 10 is the known Wilson interval, 72.2 to 100 %', () => {
    const { low, high } = shareInterval(10, 10)
    expect(low).toBeCloseTo(0.7225, 4)
    expect(high).toBeCloseTo(1, 9)
  })

  test('of 0 of 10 is its mirror image', () => {
    const { low, high } = shareInterval(0, 10)
    expect(low).toBe(0)
    expect(high).toBeCloseTo(0.2775, 4)
  })

  test('of 50 of 100 is 40.4 to 59.6 %', () => {
    const { low, high } = shareInterval(50, 100)
    expect(low).toBeCloseTo(0.4038, 4)
    expect(high).toBeCloseTo(0.5962, 4)
  })
})
