import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { inverse, times } from '../../linear-algebra.ts'
import { type DelayPrior, Delays } from './delays.ts'

/** With a typical response of 100 ms: λ is known to be 0, or N(80, 80²); devices differ by 25. */
const KNOWN: DelayPrior = { mean: 0, deviation: 0, spread: 0.25 }
const WEAK: DelayPrior = { mean: 0.8, deviation: 0.8, spread: 0.25 }
const WEIGHT = 3

function delaysOf(devices: number, priors: readonly DelayPrior[], typicalMs = 100): Delays {
  return new Delays(devices, priors, WEIGHT, typicalMs)
}

it('starts with what is known of the pool, in shares of the typical response', () => {
  const delays = delaysOf(3, [KNOWN, WEAK])
  expect(delays.estimate(0, 2)).toEqual({ mean: 0, variance: 625 })
  const { mean, variance } = delays.estimate(1, 0)
  expect(mean).toBeCloseTo(80, 9)
  expect(variance).toBeCloseTo(6400 + 625, 9)
  delays.typicalMs = 1
  expect(delays.estimate(1, 0).mean).toBeCloseTo(0.8, 12)
  expect(delays.estimate(1, 0).variance).toBeCloseTo(0.7025, 12)
})

it('learns a delay of one device and shares it with the others, by hand', () => {
  const delays = delaysOf(2, [WEAK])
  // One observation of 120 ms with variance 75.
  delays.add(delays.indexOf(0, 0), 1 / 75, 120 / 75)
  delays.refresh()
  // E[(l - λ)²] before λ is learned: of N(80, 6400) + N(0, 625) + N(0, 75), the share of l - λ.
  const share = 625 / (625 + 6400 + 75)
  const squares = (share * 40) ** 2 + 625 * (1 - share)
  const spread = (3 * 625 + squares) / 4
  expect(delays.pools[0]?.spreadVariance).toBeCloseTo(spread, 9)
  const precision = 1 / 6400 + 1 / (spread + 75)
  const mean = (80 / 6400 + 120 / (spread + 75)) / precision
  const other = delays.estimate(0, 1)
  expect(other.mean).toBeCloseTo(mean, 9)
  expect(other.variance).toBeCloseTo(1 / precision + spread, 9)
  // Directly: prior N(80, 6400 + ω²), observation 120 with variance 75.
  const own = delays.estimate(0, 0)
  const prior = 6400 + spread
  expect(own.mean).toBeCloseTo((80 / prior + 120 / 75) / (1 / prior + 1 / 75), 9)
  expect(own.variance).toBeCloseTo(1 / (1 / prior + 1 / 75), 9)
})

it('agrees with the joint normal distribution of all devices and their mean (fuzz)', () => {
  const random = new Random(2)
  for (let round = 0; round < 30; round++) {
    const devices = 1 + random.integer(5)
    const delays = delaysOf(devices, [KNOWN, WEAK])
    const told: { device: number; value: number; variance: number }[] = []
    for (let i = 0; i < 6; i++) {
      const device = random.integer(devices)
      const [value, variance] = [200 * random.uniform(), 1 + 500 * random.uniform()]
      told.push({ device, value, variance })
      delays.add(delays.indexOf(1, device), 1 / variance, value / variance)
    }
    for (let step = 0; step < 1 + random.integer(3); step++) delays.refresh()
    const spread = delays.pools[1]?.spreadVariance ?? Number.NaN
    // λ last.
    const size = devices + 1
    const covariance = Float64Array.from({ length: size * size }, (_, at) => {
      const [a, b] = [Math.floor(at / size), at % size]
      return 6400 + (a === b && a < devices ? spread : 0) + (a === b && a === devices ? 1e-9 : 0)
    })
    const precision = inverse(covariance)
    const weighted = times(precision, new Float64Array(size).fill(80))
    for (const { device, value, variance } of told) {
      precision[device * size + device] = precision[device * size + device] + 1 / variance
      weighted[device] = weighted[device] + value / variance
    }
    const posterior = inverse(precision)
    const means = times(posterior, weighted)
    for (let device = 0; device < devices; device++) {
      const { mean, variance } = delays.estimate(1, device)
      expect(mean).toBeCloseTo(means[device], 3)
      expect(variance).toBeCloseTo(posterior[device * size + device], 3)
    }
    expect(delays.pools[1]?.meanMs).toBeCloseTo(means[devices], 3)
    expect(delays.estimate(0, 0)).toEqual({ mean: 0, variance: 625 })
  }
})

it.each([5, 40])('learns that devices differ by %d ms', (deviation) => {
  const random = new Random(3)
  const delays = delaysOf(200, [WEAK])
  for (let device = 0; device < 200; device++) {
    const own = 60 + deviation * random.normal()
    delays.add(delays.indexOf(0, device), 1, own)
  }
  for (let step = 0; step < 100; step++) delays.refresh()
  const pool = delays.pools[0]
  expect(Math.abs(Math.sqrt(pool?.spreadVariance ?? 0) / deviation - 1)).toBeLessThan(0.2)
  expect(Math.abs((pool?.meanMs ?? 0) - 60)).toBeLessThan(deviation / 4)
})

it('keeps a mean that is known, and learns how devices differ from it', () => {
  const delays = delaysOf(2, [KNOWN])
  delays.add(delays.indexOf(0, 0), 1, 40)
  delays.refresh()
  const share = 625 / 626
  const spread = (3 * 625 + (share * 40) ** 2 + 625 * (1 - share)) / 4
  expect(delays.estimate(0, 1).mean).toBe(0)
  expect(delays.estimate(0, 1).variance).toBeCloseTo(spread, 9)
  expect(delays.estimate(0, 0).mean).toBeCloseTo(40 / (1 + 1 / spread), 9)
})

it('takes back what a sample told', () => {
  const delays = delaysOf(2, [WEAK])
  const index = delays.indexOf(0, 1)
  delays.add(index, 0.3, 30)
  delays.add(index, -0.1, -10)
  expect(delays.pools[0]?.precision[1]).toBeCloseTo(0.2, 12)
  expect(delays.pools[0]?.sum[1]).toBeCloseTo(20, 12)
  // Rounding leaves no negative precision.
  delays.add(index, -0.2 - 1e-12, -20)
  expect(delays.pools[0]?.precision[1]).toBe(0)
})

it('weighs a pool anew as if all had been told so from the start', () => {
  const [half, whole] = [0.5, 1].map((ratio) => {
    const delays = delaysOf(2, [KNOWN, WEAK])
    delays.add(delays.indexOf(0, 0), ratio / 75, (ratio * 120) / 75)
    delays.add(delays.indexOf(1, 1), ratio / 50, (ratio * 90) / 50)
    return delays
  })
  if (!half || !whole) throw new Error('two')
  for (const pool of [0, 1]) half.scale(pool, 2)
  half.refresh()
  whole.refresh()
  expect(half.pools).toEqual(whole.pools)
  // Of a pool without samples there is nothing to weigh.
  const empty = delaysOf(1, [KNOWN])
  empty.scale(0, 2)
  expect(empty.pools).toEqual([undefined])
})

it('draws as often above as it believes', () => {
  const delays = delaysOf(2, [WEAK])
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
  const delays = delaysOf(1, [KNOWN])
  const random = new Random(6)
  expect(delays.drawMeans(random)[0]).toBe(0)
  const draws = Array.from({ length: 5000 }, () => delays.drawDelay(0, 0, 0, random))
  expect(Math.sqrt(draws.reduce((sum, x) => sum + x * x, 0) / 5000)).toBeCloseTo(25, 0)
})
