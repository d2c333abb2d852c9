import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { exampleLadder } from './example-node.fixture.ts'
import { loadLimitsPerS } from './load-limit.ts'
import { ServiceTimes } from './service-times.ts'

const limits = ({ deadlineMs = 20, workers = 1, batchSizes = [1] } = {}) => {
  const times = new ServiceTimes(exampleLadder(batchSizes), { margin: 1 })
  return loadLimitsPerS({ times, workers, deadlineMs }, new Random(1)) as [number, number, number]
}

describe('loadLimitsPerS', () => {
  it('is below what the worker can serve at all, and the lower the larger the variant', () => {
    const [small, middle, large] = limits()
    expect(small).toBeGreaterThan(0.75 * 1000)
    expect(small).toBeLessThan(1000)
    expect(middle).toBeGreaterThan(0.5 * 500)
    expect(middle).toBeLessThan(0.9 * 500)
    expect(large).toBeGreaterThan(0.2 * 250)
    expect(large).toBeLessThan(0.8 * 250)
  })

  it('agrees with the waiting time of a queue with Poisson arrivals and constant service (Erlang 1909)', () => {
    // P(W ≤ t) = (1 − ρ) Σ_k (ρ (k − t/s))^k / k! · e^(−ρ (k − t/s)), k = 0 … ⌊t/s⌋.
    const shareInTime = (load: number, services: number) => {
      let sum = 0
      let factorial = 1
      for (let k = 0; k <= Math.floor(services); k++) {
        factorial *= Math.max(1, k)
        const x = load * (k - services)
        sum += (x ** k / factorial) * Math.exp(-x)
      }
      return (1 - load) * sum
    }
    // 4 ms of service and 20 ms of deadline: may wait for four services.
    const load = (limits()[2] * 4) / 1000
    expect(shareInTime(load, 4)).toBeGreaterThan(0.985)
    expect(shareInTime(load, 4)).toBeLessThan(0.995)
  })

  it('is 0 for a variant that is late even alone', () => {
    expect(limits({ deadlineMs: 3 })[2]).toBe(0)
  })

  it('is more than twice as high with two workers, and higher with batches', () => {
    const [, , one] = limits()
    expect(limits({ workers: 2 })[2]).toBeGreaterThan(2 * one)
    expect(limits({ batchSizes: [1, 2, 4] })[0]).toBeGreaterThan(1.3 * limits()[0])
  })
})
