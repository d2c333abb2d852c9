import { expect, it } from 'vitest'
import { Cusum } from './cusum.ts'

it('sums log likelihood ratios: at a believed 0.2 a hit adds ln 1.5, a miss ln 0.875', () => {
  // 3 ln 1.5 = 1.216; a miss takes 0.1335 away.
  const cusum = new Cusum(1.2)
  expect([cusum.hear(true, 0.2), cusum.hear(true, 0.2), cusum.hear(true, 0.2)]).toEqual([
    false,
    false,
    true,
  ])
  const missed = [true, true, false, true].map((isHit) => cusum.hear(isHit, 0.2))
  expect(missed).toEqual([false, false, false, false])
  expect(cusum.hear(true, 0.2)).toBe(true)
})

it('never goes below 0, and starts anew once it rang', () => {
  const cusum = new Cusum(0.8)
  for (let event = 0; event < 1000; event++) expect(cusum.hear(false, 0.2)).toBe(false)
  expect(cusum.hear(true, 0.2)).toBe(false)
  expect(cusum.hear(true, 0.2)).toBe(true)
  expect(cusum.hear(true, 0.2)).toBe(false)
})

it('takes rates at either end for ones that can still rise', () => {
  for (const rate of [0, 1]) {
    const cusum = new Cusum(100)
    expect(cusum.hear(false, rate)).toBe(false)
    const rings = Array.from({ length: 1000 }, () => cusum.hear(true, rate))
    expect(rings.filter(Boolean)).toHaveLength(Math.floor(1000 / Math.ceil(100 / Math.log(1.5))))
  }
})
