import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { drawArrivals } from '../simulation/workload/rate-segments.ts'
import { ArrivalForecast } from './arrival-forecast.ts'
import { ArrivalRates } from './arrival-rates.ts'

/** After all of these have come. */
function forecastAfter(arrivalsMs: ArrayLike<number>): ArrivalForecast {
  const rates = new ArrivalRates([10, 40, 200, 1000])
  const forecast = new ArrivalForecast(rates)
  for (let i = 0; i < arrivalsMs.length; i++) {
    forecast.arrive(arrivalsMs[i])
    rates.arrive(arrivalsMs[i])
  }
  return forecast
}

const drawn = (gapCv: number, ratePerS: number, seed = 3) =>
  drawArrivals([{ durationMs: (1000 * 2000) / ratePerS, ratePerS }], new Random(seed), gapCv)

/** How many really come within so long after an arrival, on average. */
function meanFollowing(arrivalsMs: Float64Array, withinMs: number): number {
  let count = 0
  for (const [i, arrivalMs] of arrivalsMs.entries()) {
    for (let j = i + 1; arrivalsMs[j] <= arrivalMs + withinMs; j++) count += 1
  }
  return count / arrivalsMs.length
}

describe('a forecast of arrivals', () => {
  it('is 0 while no gap is known', () => {
    expect(forecastAfter([]).expected(5, 100)).toBe(0)
    expect(forecastAfter([3]).expected(5, 100)).toBe(0)
    expect(forecastAfter([3]).chance(5, 100)).toBe(0)
  })

  it('knows a clockwork: nothing soon after an arrival, one when the next is due', () => {
    const arrivalsMs = Array.from({ length: 200 }, (_, index) => 10 * index)
    const forecast = forecastAfter(arrivalsMs)
    expect(forecast.expected(1990, 2)).toBeLessThan(0.01)
    expect(forecast.expected(1997, 6)).toBeGreaterThan(0.9)
  })

  it('is rate times time for Poisson arrivals, about', () => {
    const forecasts: number[] = []
    for (let seed = 1; seed <= 20; seed++) {
      const arrivalsMs = drawn(1, 300, seed)
      forecasts.push(forecastAfter(arrivalsMs).expected(arrivalsMs[arrivalsMs.length - 1], 5))
    }
    const mean = forecasts.reduce((sum, one) => sum + one, 0) / forecasts.length
    expect(mean).toBeGreaterThan(1.5 * 0.7)
    expect(mean).toBeLessThan(1.5 * 1.3)
  })

  it('knows how likely any comes: 1 − e^(−rate × time) for Poisson arrivals, about', () => {
    let sum = 0
    for (let seed = 1; seed <= 20; seed++) {
      const arrivalsMs = drawn(1, 300, seed)
      sum += forecastAfter(arrivalsMs).chance(arrivalsMs[arrivalsMs.length - 1], 5)
    }
    expect(sum / 20).toBeGreaterThan(1 - Math.exp(-1.5 * 0.7))
    expect(sum / 20).toBeLessThan(1 - Math.exp(-1.5 * 1.3))
  })

  it('expects many after the first of a burst, fewer the longer none comes', () => {
    const arrivalsMs = drawn(5, 300)
    const lastMs = arrivalsMs[arrivalsMs.length - 1]
    const forecast = forecastAfter(arrivalsMs)
    const atOnce = forecast.expected(lastMs, 5)
    const truth = meanFollowing(arrivalsMs, 5)
    expect(truth).toBeGreaterThan(4)
    expect(atOnce).toBeGreaterThan(truth / 2)
    expect(atOnce).toBeLessThan(truth * 2)
    expect(forecast.expected(lastMs + 3, 5)).toBeLessThan(0.6 * atOnce)
    expect(forecast.expected(lastMs + 20, 5)).toBeLessThan(forecast.expected(lastMs + 3, 5))
  })

  it('grows with the time ahead and is never below 0', () => {
    const arrivalsMs = drawn(3, 100)
    const lastMs = arrivalsMs[arrivalsMs.length - 1]
    const forecast = forecastAfter(arrivalsMs)
    for (const sinceMs of [0, 0.01, 1, 10, 500]) {
      let before = 0
      for (const withinMs of [0, 0.1, 1, 5, 20, 1000]) {
        const expected = forecast.expected(lastMs + sinceMs, withinMs)
        const chance = forecast.chance(lastMs + sinceMs, withinMs)
        expect(chance).toBeGreaterThanOrEqual(0)
        expect(chance).toBeLessThanOrEqual(Math.min(1, expected + 1e-12))
        expect(expected).toBeGreaterThanOrEqual(before)
        before = expected
      }
    }
  })
})
