import { describe, expect, it } from 'vitest'
import { type ExampleObservation, observationOf } from './example-node.fixture.ts'
import { FeatureEncoder } from './features.ts'

/** Encoded with times in units of 20 ms. */
function encode(seen: ExampleObservation): number[] {
  const observation = observationOf(seen)
  const { variants, batches } = observation.times
  const shape = { variants, batches, workers: observation.workers, windows: 4 }
  const encoder = new FeatureEncoder(shape, 20)
  const features = new Float32Array(encoder.size).fill(9)
  encoder.encode(observation, features)
  return [...features]
}

const rounded = (values: number[]) => values.map((value) => Number(value.toFixed(4)))

describe('FeatureEncoder', () => {
  // Variants of 1, 2 and 4 ms.
  const features = encode({ slacksMs: [4, 6, 8, 10, 12], sinceArrivalMs: 5 })

  it('has one number for each thing to know', () => {
    // Length, five places, 3 · 2 spare times, 3 choices, 3 forecasts, 4 rates, last arrival.
    expect(features).toHaveLength(1 + 5 + 6 + 3 + 3 + 4 + 1)
  })

  it('starts with the queue and its slacks', () => {
    expect(rounded(features.slice(0, 6))).toEqual(
      rounded([Math.log(6) / 4, 4 / 20, 6 / 20, 8 / 20, 10 / 20, 12 / 20]),
    )
  })

  it('gives time to spare for each variant, for all and for the head alone', () => {
    // All: done at 1 … 5; 2 … 10; 4 … 20. Head alone: 1 + 1 …; 2 + 1 …; 4 + 1 ….
    expect(rounded(features.slice(6, 12))).toEqual([3, 2, -8, 3, 2, 0].map((ms) => ms / 20))
  })

  it('gives the choice of the rule, one-hot', () => {
    expect(features.slice(12, 15)).toEqual([0, 1, 0])
  })

  it('gives rates relative to what the node sustains, and the time since the last arrival', () => {
    const arrivalRatesPerS = Float64Array.of(0, 250, 500, 2500)
    const [none, one, two, ten, since] = encode({
      slacksMs: [9],
      arrivalRatesPerS,
      sinceArrivalMs: 1000,
    }).slice(-5)
    expect(none).toBeCloseTo(Math.log(0.05) / 3, 5)
    expect(one).toBeCloseTo(Math.log(1.05) / 3, 5)
    expect(two).toBeCloseTo(Math.log(2.05) / 3, 5)
    expect(ten).toBeCloseTo(Math.log(10.05) / 3, 5)
    expect(since).toBe(1)
  })

  it('gives how many are expected during a service of each variant', () => {
    const forecast = { chance: () => 1, expected: (_nowMs: number, withinMs: number) => withinMs }
    const expected = encode({ slacksMs: [9], forecast }).slice(15, 18)
    expect(rounded(expected)).toEqual(rounded([1, 2, 4].map((ms) => Math.log1p(ms) / 4)))
  })

  it('gives the largest batch of each variant and the choice to drop, where there are batches', () => {
    const batched = encode({ slacksMs: [4, 4, 4], batchSizes: [1, 3] })
    expect(batched).toHaveLength(23 + 3 + 1)
    // Batches of three take 2, 4 and 8 ms.
    expect(batched.slice(12, 19)).toEqual([0, 1, 0, 0, 1, 1, 0.5])
    const slacksMs = [1.5, ...new Array<number>(20).fill(6)]
    expect(encode({ slacksMs, batchSizes: [1, 3] }).slice(12, 16)).toEqual([0, 0, 0, 1])
  })

  it('gives the other workers, the next to be free first', () => {
    const workerResidualMs = Float64Array.of(0, 2, 60)
    const seen = encode({ slacksMs: [9], workers: 3, workerResidualMs })
    expect(seen).toHaveLength(25)
    expect(rounded(seen.slice(18, 20))).toEqual([0.1, 1])
  })
})

describe('what a FeatureEncoder writes', () => {
  it('stays bounded and finite whatever is seen', () => {
    const extremes = encode({
      slacksMs: [1, ...new Array<number>(500).fill(1)],
      sinceArrivalMs: Number.POSITIVE_INFINITY,
      arrivalRatesPerS: Float64Array.of(1e6, 1e6, 1e6, 1e6),
    })
    for (const feature of extremes) expect(Math.abs(feature)).toBeLessThan(4)
  })

  it('writes all, and nothing beyond', () => {
    const observation = observationOf({ slacksMs: [9] })
    const encoder = new FeatureEncoder({ variants: 3, batches: 1, workers: 1, windows: 4 }, 20)
    const features = new Float32Array(encoder.size + 1).fill(9)
    encoder.encode(observation, features)
    expect(features.at(-1)).toBe(9)
    expect(features.slice(0, -1).every((feature) => feature !== 9)).toBe(true)
  })
})
