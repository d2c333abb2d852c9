import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import {
  cutSegments,
  drawArrivals,
  meanRatePerS,
  type RateSegment,
  scaleSegments,
} from './rate-segments.ts'

const gapsOf = (arrivalsMs: Float64Array) =>
  Array.from(arrivalsMs.slice(1), (arrivalMs, index) => arrivalMs - arrivalsMs[index])

function cvOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return Math.sqrt(variance) / mean
}

describe('drawArrivals', () => {
  it('draws as many as the rate says, in order, within the time', () => {
    const arrivalsMs = drawArrivals([{ ratePerS: 500, durationMs: 60_000 }], new Random(1))
    expect(arrivalsMs.length).toBeGreaterThan(29_400)
    expect(arrivalsMs.length).toBeLessThan(30_600)
    expect(gapsOf(arrivalsMs).every((gapMs) => gapMs >= 0)).toBe(true)
    expect(arrivalsMs.at(-1)).toBeLessThan(60_000)
  })

  it.each([0.3, 1, 3])('spreads gaps with coefficient of variation %d', (gapCv) => {
    const arrivalsMs = drawArrivals([{ ratePerS: 500, durationMs: 200_000 }], new Random(2), gapCv)
    expect(cvOf(gapsOf(arrivalsMs)) / gapCv).toBeGreaterThan(0.93)
    expect(cvOf(gapsOf(arrivalsMs)) / gapCv).toBeLessThan(1.07)
    expect(arrivalsMs.length / 100_000).toBeCloseTo(1, 1)
  })

  it('follows the rate from stretch to stretch, silence included', () => {
    const segments: RateSegment[] = [
      { ratePerS: 100, durationMs: 20_000 },
      { ratePerS: 0, durationMs: 20_000 },
      { ratePerS: 1000, durationMs: 20_000 },
    ]
    const arrivalsMs = drawArrivals(segments, new Random(3))
    const within = (fromMs: number) =>
      arrivalsMs.filter((arrivalMs) => arrivalMs >= fromMs && arrivalMs < fromMs + 20_000).length
    expect(within(0) / 2000).toBeCloseTo(1, 1)
    expect(within(20_000)).toBe(0)
    expect(within(40_000) / 20_000).toBeCloseTo(1, 1)
  })

  it('is a Poisson process however finely it is cut: counts of a second have variance = mean', () => {
    const cut = Array.from({ length: 100_000 }, () => ({ ratePerS: 20, durationMs: 10 }))
    const counts = new Array<number>(1000).fill(0)
    for (const arrivalMs of drawArrivals(cut, new Random(4))) {
      const second = Math.floor(arrivalMs / 1000)
      counts[second] = (counts[second] ?? 0) + 1
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    expect(mean).toBeCloseTo(20, -0.5)
    expect(cvOf(counts) ** 2 * mean).toBeGreaterThan(0.87)
    expect(cvOf(counts) ** 2 * mean).toBeLessThan(1.13)
  })

  it('is the same for the same seed', () => {
    const draw = (seed: number) =>
      drawArrivals([{ ratePerS: 9, durationMs: 1e4 }], new Random(seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  it('may be empty', () => {
    expect(drawArrivals([], new Random(1))).toHaveLength(0)
    expect(drawArrivals([{ ratePerS: 0, durationMs: 1e6 }], new Random(1))).toHaveLength(0)
  })

  it.each([
    [{ ratePerS: -1, durationMs: 1 }, '-1 arrivals/s'],
    [{ ratePerS: 1, durationMs: -1 }, 'for -1 ms'],
    [{ ratePerS: Number.NaN, durationMs: 1 }, 'NaN arrivals/s'],
    [{ ratePerS: 1e6, durationMs: 1e6 }, 'over 20000000 arrivals'],
  ])('refuses %j', (segment, message) => {
    expect(() => drawArrivals([segment], new Random(1))).toThrow(message)
  })

  it.each([0, -1, Number.NaN])('refuses a coefficient of variation of %d', (gapCv) => {
    expect(() => drawArrivals([], new Random(1), gapCv)).toThrow('not above 0')
  })
})

it('scales time and rate apart', () => {
  const segments = [
    { ratePerS: 10, durationMs: 300 },
    { ratePerS: 40, durationMs: 100 },
  ]
  expect([...scaleSegments(segments, { speed: 10 })]).toEqual([
    { ratePerS: 10, durationMs: 30 },
    { ratePerS: 40, durationMs: 10 },
  ])
  expect([...scaleSegments(segments, { rate: 2 })].map(({ ratePerS }) => ratePerS)).toEqual([
    20, 80,
  ])
  // (10 · 0.3 + 40 · 0.1) / 0.4
  expect(meanRatePerS(segments)).toBeCloseTo(17.5, 12)
})

describe('cutSegments', () => {
  const segments = [
    { ratePerS: 1, durationMs: 10 },
    { ratePerS: 5, durationMs: 20 },
  ]

  it.each([
    [0, []],
    [10, [[1, 10]]],
    [
      12.5,
      [
        [1, 10],
        [5, 2.5],
      ],
    ],
    [
      99,
      [
        [1, 10],
        [5, 20],
      ],
    ],
  ])('ends at %d ms', (endMs, expected) => {
    const cut = [...cutSegments(segments, endMs)]
    expect(cut.map(({ ratePerS, durationMs }) => [ratePerS, durationMs])).toEqual(expected)
  })
})
