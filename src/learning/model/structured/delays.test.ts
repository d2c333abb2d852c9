import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { Delays } from './delays.ts'

const KNOWN = { meanMs: 0, deviationMs: 0, spreadMs: 25 }
const WEAK = { meanMs: 80, deviationMs: 80, spreadMs: 25 }

it('starts with what is known of the pool', () => {
  const delays = new Delays(3, [KNOWN, WEAK])
  expect(delays.estimate(0, 2)).toEqual({ mean: 0, variance: 625 })
  expect(delays.estimate(1, 0)).toEqual({ mean: 80, variance: 6400 + 625 })
})

it('learns a delay of one device and shares it with the others, by hand', () => {
  const delays = new Delays(2, [WEAK])
  // One observation of 120 ms with variance 75: of the mean it has variance 700.
  delays.add(delays.indexOf(0, 0), 1 / 75, 120 / 75)
  delays.refresh()
  const precision = 1 / 6400 + 1 / 700
  const mean = (80 / 6400 + 120 / 700) / precision
  const other = delays.estimate(0, 1)
  expect(other.mean).toBeCloseTo(mean, 9)
  expect(other.variance).toBeCloseTo(1 / precision + 625, 9)
  // Directly: prior N(80, 7025), observation 120 with variance 75.
  const own = delays.estimate(0, 0)
  expect(own.mean).toBeCloseTo((80 / 7025 + 120 / 75) / (1 / 7025 + 1 / 75), 9)
  expect(own.variance).toBeCloseTo(1 / (1 / 7025 + 1 / 75), 9)
})

it('keeps a mean that is known', () => {
  const delays = new Delays(2, [KNOWN])
  delays.add(delays.indexOf(0, 0), 1, 40)
  delays.refresh()
  expect(delays.estimate(0, 1)).toEqual({ mean: 0, variance: 625 })
  expect(delays.estimate(0, 0).mean).toBeCloseTo(40 / (1 + 1 / 625), 9)
})

it('draws as often above as it believes', () => {
  const delays = new Delays(2, [WEAK])
  delays.add(delays.indexOf(0, 0), 1 / 75, 120 / 75)
  delays.refresh()
  const random = new Random(5)
  const draws = Array.from({ length: 20_000 }, () =>
    delays.drawDelay(0, 0, delays.drawMeans(random)[0], random),
  )
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length
  const expected = delays.estimate(0, 0)
  expect(Math.abs(mean - expected.mean)).toBeLessThan(0.3)
  expect(Math.abs(variance / expected.variance - 1)).toBeLessThan(0.05)
})

it('draws a pool never observed from its prior', () => {
  const delays = new Delays(1, [KNOWN])
  const random = new Random(6)
  expect(delays.drawMeans(random)[0]).toBe(0)
  const draws = Array.from({ length: 5000 }, () => delays.drawDelay(0, 0, 0, random))
  expect(Math.sqrt(draws.reduce((sum, x) => sum + x * x, 0) / 5000)).toBeCloseTo(25, 0)
})
