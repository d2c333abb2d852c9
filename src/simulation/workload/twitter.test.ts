import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { drawArrivals } from './rate-segments.ts'
import { twitterLike } from './twitter.ts'

describe('the Twitter-like stream', () => {
  const hours = 3 * 24
  const rates = Float64Array.from(twitterLike({ hours }, new Random(3)), ({ ratePerS }) => ratePerS)

  it('has a segment for every second', () => {
    expect(rates).toHaveLength(hours * 3600)
  })

  it('has the moments of the real one, within the spread of three days', () => {
    const sorted = rates.slice().sort()
    const at = (share: number) => sorted[Math.floor(share * sorted.length)]
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
    const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length
    // Real: mean 64.9, deviation 41 less the Poisson noise of a second, p50 53, p99 245.
    expect(mean).toBeGreaterThan(57)
    expect(mean).toBeLessThan(72)
    expect(Math.sqrt(variance)).toBeGreaterThan(30)
    expect(Math.sqrt(variance)).toBeLessThan(48)
    expect(at(0.5)).toBeGreaterThan(49)
    expect(at(0.5)).toBeLessThan(57)
    expect(at(0.99)).toBeGreaterThan(215)
    expect(at(0.99)).toBeLessThan(275)
  })

  it('bursts about twelve times a day, to four times its base', () => {
    let bursts = 0
    for (let second = 10; second < rates.length; second += 10) {
      if (rates[second] > 150 && rates[second - 10] < 150) bursts += 1
    }
    // A slow decay may cross the line more than once.
    expect(bursts / 3).toBeGreaterThan(7)
    expect(bursts / 3).toBeLessThan(24)
  })

  it('follows the daily profile, from the hour it starts in', () => {
    const quietHour = (startHour: number) => {
      const seconds = twitterLike({ hours: 1, startHour }, new Random(1))
      return Float64Array.from(seconds, ({ ratePerS }) => ratePerS).sort()[1800]
    }
    // 51.2 a second times 1.49 and 0.87.
    expect(quietHour(8)).toBeCloseTo(76.3, -1)
    expect(quietHour(16)).toBeCloseTo(44.5, -1)
    expect(quietHour(32)).toBe(quietHour(8))
  })

  it('replays from its seed and feeds drawArrivals', () => {
    const draw = (seed: number) =>
      drawArrivals(twitterLike({ hours: 0.1 }, new Random(seed)), new Random(9))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1).length).toBeGreaterThan(10_000)
  })

  it('refuses no time', () => {
    expect(() => [...twitterLike({ hours: 0 }, new Random(1))]).toThrow('hours 0')
  })
})
