import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { exponential, gamma, logNormal, logUniform, uniformBetween } from './draws.ts'

function moments(draw: (random: Random) => number): { mean: number; variance: number } {
  const random = new Random(5)
  const values = Float64Array.from({ length: 100_000 }, () => draw(random))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, variance }
}

describe('draws have the mean and variance of their distribution', () => {
  it.each([0.04, 0.3, 1, 2.5, 300])('gamma of shape %d', (shape) => {
    const { mean, variance } = moments((random) => gamma(shape, random))
    expect(mean / shape).toBeGreaterThan(0.95)
    expect(mean / shape).toBeLessThan(1.05)
    expect(variance / shape).toBeGreaterThan(0.9)
    expect(variance / shape).toBeLessThan(1.1)
  })

  it('exponential', () => {
    const { mean, variance } = moments((random) => exponential(3, random))
    expect(mean).toBeCloseTo(3, 1)
    expect(variance).toBeCloseTo(9, 0)
  })

  it('uniform', () => {
    const { mean, variance } = moments((random) => uniformBetween(2, 8, random))
    expect(mean).toBeCloseTo(5, 1)
    expect(variance).toBeCloseTo(3, 1)
  })

  it('logarithms', () => {
    const normal = moments((random) => Math.log(logNormal(170, 0.6, random)))
    expect(normal.mean).toBeCloseTo(Math.log(170), 1)
    expect(normal.variance).toBeCloseTo(0.36, 1)
    const uniform = moments((random) => Math.log10(logUniform(0.1, 10, random)))
    expect(uniform.mean).toBeCloseTo(0, 1)
    expect(uniform.variance).toBeCloseTo(1 / 3, 1)
  })
})
