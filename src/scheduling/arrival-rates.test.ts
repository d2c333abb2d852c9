import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { ArrivalRates } from './arrival-rates.ts'

const read = (rates: ArrivalRates, nowMs: number) => {
  const ratesPerS = new Float64Array(rates.windowsMs.length)
  rates.read(nowMs, ratesPerS)
  return [...ratesPerS]
}

describe('ArrivalRates', () => {
  it('is 0 before the first arrival', () => {
    const rates = new ArrivalRates([10, 100])
    expect(read(rates, 5)).toEqual([0, 0])
    expect(rates.sinceArrivalMs(5)).toBe(Number.POSITIVE_INFINITY)
  })

  it('adds 1000 / window for an arrival and forgets it at the pace of the window', () => {
    const rates = new ArrivalRates([10, 100])
    rates.arrive(50)
    expect(read(rates, 50)).toEqual([100, 10])
    const [short, long] = read(rates, 60)
    expect(short).toBeCloseTo(100 / Math.E, 9)
    expect(long).toBeCloseTo(10 * Math.exp(-0.1), 9)
    rates.arrive(60)
    expect(read(rates, 60)[0]).toBeCloseTo(100 / Math.E + 100, 9)
    expect(rates.sinceArrivalMs(75)).toBe(15)
  })

  it('reads without changing anything', () => {
    const rates = new ArrivalRates([10])
    rates.arrive(0)
    const first = read(rates, 7)
    read(rates, 3)
    expect(read(rates, 7)).toEqual(first)
  })

  it('averages to the true rate, the long window with less noise', () => {
    const random = new Random(3)
    const rates = new ArrivalRates([20, 1000])
    const seen: [number[], number[]] = [[], []]
    let nowMs = 0
    for (let arrival = 0; arrival < 20_000; arrival++) {
      nowMs -= 2 * Math.log(1 - random.uniform())
      const [short = 0, long = 0] = read(rates, nowMs)
      rates.arrive(nowMs)
      if (nowMs < 5000) continue
      seen[0].push(short)
      seen[1].push(long)
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const spread = (values: number[]) => {
      const average = mean(values)
      return Math.sqrt(mean(values.map((value) => (value - average) ** 2)))
    }
    for (const values of seen) expect(mean(values)).toBeCloseTo(500, -1.5)
    // Standard deviation of a shot process: rate · √(1 / (2 · rate · window)).
    expect(spread(seen[0])).toBeCloseTo(500 / Math.sqrt(2 * 0.5 * 20), -1.5)
    expect(spread(seen[1])).toBeLessThan(40)
  })
})
