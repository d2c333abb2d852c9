import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { Recalibration } from './recalibration.ts'

/** Services of which each takes `mean` · e^(spread · z) of its profile. */
function serve(
  recalibration: Recalibration,
  { entry = 0, mean = 1, spread = 0.03, services = 1000, seed = 1 },
): void {
  const random = new Random(seed)
  for (let service = 0; service < services; service++) {
    recalibration.observe(entry, mean * Math.exp(spread * random.normal()))
  }
}

describe('Recalibration', () => {
  it('starts with the profile', () => {
    expect(new Recalibration(3).ratio(2)).toBe(1)
  })

  it('steps as far up for a longer service as down for a shorter one', () => {
    const recalibration = new Recalibration(1)
    recalibration.observe(0, 2)
    expect(Math.log(recalibration.ratio(0))).toBeCloseTo(0.01, 12)
    recalibration.observe(0, 0.5)
    expect(recalibration.ratio(0)).toBeCloseTo(1, 12)
  })

  it('has half of each step in common for all entries', () => {
    const recalibration = new Recalibration(2)
    recalibration.observe(0, 2)
    expect(Math.log(recalibration.ratio(1))).toBeCloseTo(0.005, 12)
  })

  it('finds the median, also where one of ten services is held up', () => {
    const recalibration = new Recalibration(1)
    serve(recalibration, { mean: 1.3, services: 500 })
    for (let service = 0; service < 2000; service++) {
      if (service % 10 === 0) recalibration.observe(0, 20)
      else serve(recalibration, { mean: 1.3, services: 1, seed: service })
    }
    expect(recalibration.ratio(0)).toBeGreaterThan(1.26)
    expect(recalibration.ratio(0)).toBeLessThan(1.36)
  })

  it('follows a machine that becomes 20 % slower within thirty services', () => {
    const recalibration = new Recalibration(4)
    serve(recalibration, { mean: 1.2, services: 30 })
    expect(recalibration.ratio(0)).toBeGreaterThan(1.16)
    expect(recalibration.ratio(0)).toBeLessThan(1.24)
  })

  it('corrects one wrong profile without spoiling the others for long', () => {
    const recalibration = new Recalibration(2)
    for (let round = 0; round < 4000; round++) {
      serve(recalibration, { entry: 0, mean: 1.5, services: 1, seed: 2 * round })
      serve(recalibration, { entry: 1, services: 1, seed: 2 * round + 1 })
    }
    expect(recalibration.ratio(0)).toBeGreaterThan(1.45)
    expect(recalibration.ratio(0)).toBeLessThan(1.55)
    expect(recalibration.ratio(1)).toBeGreaterThan(0.96)
    expect(recalibration.ratio(1)).toBeLessThan(1.04)
  })

  it('counts an outlier once, however long it took', () => {
    const [short, long] = [new Recalibration(1), new Recalibration(1)]
    short.observe(0, 1.1)
    long.observe(0, 1000)
    expect(long.ratio(0)).toBe(short.ratio(0))
  })

  it('refuses impossible times', () => {
    const recalibration = new Recalibration(2)
    for (const ratio of [0, -1, Number.NaN]) {
      expect(() => recalibration.observe(0, ratio)).toThrow('above 0')
    }
  })
})
