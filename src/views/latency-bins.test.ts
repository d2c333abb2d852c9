import { describe, expect, test } from 'vitest'
import { Random } from '../random.ts'
import { LatencyBins } from './latency-bins.ts'

function binsOf(timesMs: readonly number[]): LatencyBins {
  const bins = new LatencyBins()
  for (const ms of timesMs) bins.add(ms)
  return bins
}

/** The least that so large a share does not exceed. */
const quantile = (timesMs: readonly number[], share: number) =>
  [...timesMs].sort((a, b) => a - b)[Math.ceil(share * timesMs.length) - 1] ?? Number.NaN

describe('a quantile', () => {
  test('of nothing is not known', () => {
    expect(new LatencyBins().quantileMs(0.5)).toBeUndefined()
  })

  test('is the value itself where there is one, within 2.5 %', () => {
    for (const ms of [0.06, 1, 7.3, 100, 3_600_000]) {
      for (const share of [0.01, 0.5, 1]) {
        expect(Math.abs(Math.log((binsOf([ms]).quantileMs(share) ?? 0) / ms))).toBeLessThan(0.025)
      }
    }
  })

  test('counts from the shortest time on, whatever came first', () => {
    const bins = binsOf([1000, 1, 10, 100])
    expect(
      [0.25, 0.26, 0.75, 0.76, 1].map((share) => Math.round(bins.quantileMs(share) ?? 0)),
    ).toEqual([1, 10, 100, 1000, 1000].map((ms) => Math.round(binsOf([ms]).quantileMs(1) ?? 0)))
  })

  test('is of any times that chance makes the exact one, within 2.5 %', () => {
    const random = new Random(6)
    for (let round = 0; round < 100; round++) {
      const timesMs = Array.from({ length: 1 + random.integer(60) }, () =>
        Math.exp(6 * random.normal()),
      )
      const share = 1 - random.uniform()
      const exactMs = Math.max(0.05, quantile(timesMs, share))
      const toldMs = binsOf(timesMs).quantileMs(share) ?? Number.NaN
      expect(Math.abs(Math.log(toldMs / exactMs))).toBeLessThan(0.0251)
    }
  })

  test('of what takes next to no time is next to none', () => {
    expect(binsOf([0, 0.001, 0.05]).quantileMs(1)).toBeLessThan(0.05)
  })
})

test('what others counted is added, and theirs stays', () => {
  const [mine, theirs] = [binsOf([1, 1, 50]), binsOf([1, 50, 50, 900])]
  mine.merge(theirs)
  const all = binsOf([1, 1, 1, 50, 50, 50, 900])
  for (let rank = 1; rank <= 7; rank++) {
    expect(mine.quantileMs(rank / 7)).toBe(all.quantileMs(rank / 7))
  }
  expect(theirs.quantileMs(0.25)).toBe(binsOf([1]).quantileMs(1))
  mine.merge(new LatencyBins())
  expect(mine.quantileMs(1)).toBe(all.quantileMs(1))
})
