import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { mixtureOf, namedPart, tracePart } from './mixture.ts'
import type { DrawWorkload } from './training-node.ts'

const SCALE = { workers: 1, largestMs: 5 }
const named = (family: string): DrawWorkload => {
  return () => ({ arrivalsMs: Float64Array.of(0), rates: [], family })
}

describe('a mixture', () => {
  it('draws each part as often as its weight says', () => {
    const draw = mixtureOf([
      { weight: 3, draw: named('a') },
      { weight: 1, draw: named('b') },
    ])
    const random = new Random(1)
    let ofA = 0
    for (let i = 0; i < 2000; i++) if (draw(10, random).family === 'a') ofA += 1
    expect(ofA / 2000).toBeCloseTo(0.75, 1)
  })

  it.each([0, -1, Number.NaN, Infinity])('refuses the weight %d', (weight) => {
    expect(() => mixtureOf([{ weight, draw: named('a') }])).toThrow('is not above 0')
  })

  it('refuses to draw from nothing', () => {
    expect(() => mixtureOf([])).toThrow('weight of nothing')
  })
})

describe('a named part', () => {
  it('has about as many requests as asked, from 0 on, at loads from low to high', () => {
    const random = new Random(2)
    const loads = Array.from({ length: 40 }, () => {
      const { arrivalsMs, family } = namedPart('gamma', SCALE)(500, random)
      expect(family).toBe('gamma')
      expect(arrivalsMs[0]).toBe(0)
      expect(arrivalsMs.length).toBeGreaterThan(200)
      expect(arrivalsMs.length).toBeLessThanOrEqual(500)
      return (5 * arrivalsMs.length) / arrivalsMs[arrivalsMs.length - 1]
    })
    expect(Math.min(...loads)).toBeLessThan(0.5)
    expect(Math.max(...loads)).toBeGreaterThan(5)
  })

  it('may be the usual mix', () => {
    const families = new Set<string>()
    const random = new Random(3)
    const draw = namedPart('mix', SCALE)
    for (let i = 0; i < 40; i++) families.add(draw(100, random).family)
    expect([...families].sort()).toEqual(['gamma', 'mmpp', 'plateau', 'poisson'])
  })

  it('refuses a workload that there is not', () => {
    expect(() => namedPart('storm', SCALE)).toThrow('choose one of mix, poisson')
  })
})

describe('a part of a trace', () => {
  const trace = Float64Array.from({ length: 1000 }, (_, index) => index ** 1.5)

  it('is so many requests in a row, from a random one on', () => {
    const random = new Random(4)
    const seen = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const { arrivalsMs, rates, family } = tracePart(trace, 'own.txt')(100, random)
      expect(arrivalsMs).toHaveLength(100)
      const gap = arrivalsMs[1]
      const first = trace.findIndex((at, index) => Math.abs(trace[index + 1] - at - gap) < 1e-9)
      expect(arrivalsMs[99]).toBeCloseTo(trace[first + 99] - trace[first], 9)
      expect((rates[0]?.ratePerS ?? 0) * (rates[0]?.durationMs ?? 0)).toBeCloseTo(100_000, 3)
      expect(family).toBe('own.txt')
      seen.add(first)
    }
    expect(seen.size).toBeGreaterThan(15)
  })

  it('is all of a short one', () => {
    const { arrivalsMs } = tracePart(trace.slice(5, 55), 'own.txt')(100, new Random(5))
    expect(arrivalsMs).toHaveLength(50)
    expect(arrivalsMs[0]).toBe(0)
  })
})
