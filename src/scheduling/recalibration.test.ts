import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { Recalibration } from './recalibration.ts'

/** Services of which each takes `mean` · e^(spread · z) of its profile. */
function serve(
  recalibration: Recalibration,
  { entry = 0, mean = 1, spread = 0.03, services = 1000, seed = 1 },
): number {
  const random = new Random(seed)
  let longer = 0
  for (let service = 0; service < services; service++) {
    const measured = mean * Math.exp(spread * random.normal())
    if (measured > recalibration.ratio(entry)) longer += 1
    recalibration.observe(entry, measured)
  }
  return longer / services
}

describe('Recalibration', () => {
  it('starts with the margin', () => {
    expect(new Recalibration(3, 1.06).ratio(2)).toBeCloseTo(1.06, 12)
  })

  it('steps far up for a longer service and a little down for another', () => {
    const recalibration = new Recalibration(1, 1)
    recalibration.observe(0, 2)
    expect(Math.log(recalibration.ratio(0))).toBeCloseTo(0.02 * 0.98, 12)
    recalibration.observe(0, 0.5)
    expect(Math.log(recalibration.ratio(0))).toBeCloseTo(0.02 * 0.98 - 0.02 * 0.02, 12)
  })

  it('has half of each step in common for all entries', () => {
    const recalibration = new Recalibration(2, 1)
    recalibration.observe(0, 2)
    expect(Math.log(recalibration.ratio(1))).toBeCloseTo(0.01 * 0.98, 12)
  })

  it('finds the 98 % quantile: 2.05 standard deviations above the mean', () => {
    const recalibration = new Recalibration(1, 2)
    serve(recalibration, { services: 5000 })
    const longer = serve(recalibration, { services: 20_000, seed: 2 })
    expect(longer).toBeGreaterThan(0.015)
    expect(longer).toBeLessThan(0.025)
    expect(recalibration.ratio(0)).toBeGreaterThan(1.03)
    expect(recalibration.ratio(0)).toBeLessThan(1.1)
  })

  it('follows a machine that becomes 20 % slower within twenty services', () => {
    const recalibration = new Recalibration(4, 1.06)
    serve(recalibration, { mean: 1.2, services: 20 })
    expect(recalibration.ratio(0)).toBeGreaterThan(1.18)
  })

  it('corrects one wrong profile without spoiling the others for long', () => {
    const recalibration = new Recalibration(2, 1.06)
    for (let round = 0; round < 4000; round++) {
      serve(recalibration, { entry: 0, mean: 1.5, services: 1, seed: 2 * round })
      serve(recalibration, { entry: 1, services: 1, seed: 2 * round + 1 })
    }
    expect(recalibration.ratio(0)).toBeGreaterThan(1.5)
    expect(recalibration.ratio(0)).toBeLessThan(1.7)
    expect(recalibration.ratio(1)).toBeGreaterThan(1)
    expect(recalibration.ratio(1)).toBeLessThan(1.15)
  })

  it('counts an outlier once, however long it took', () => {
    const [short, long] = [new Recalibration(1, 1), new Recalibration(1, 1)]
    short.observe(0, 1.1)
    long.observe(0, 1000)
    expect(long.ratio(0)).toBe(short.ratio(0))
  })

  it('refuses impossible times', () => {
    const recalibration = new Recalibration(2, 1)
    for (const ratio of [0, -1, Number.NaN]) {
      expect(() => recalibration.observe(0, ratio)).toThrow('above 0')
    }
  })
})
