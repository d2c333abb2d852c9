import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { drawArrivals } from './rate-segments.ts'
import {
  type Family,
  type NodeScale,
  SCENARIOS,
  type Scenario,
  scenarioRates,
  unitRatePerS,
} from './scenarios.ts'

/** A node whose largest variant takes 50 ms: a tenth of the requests' usual rate, ten times the time. */
const slow = { workers: 1, largestMs: 50 }
const find = (name: string) => {
  const scenario = SCENARIOS.find((one) => one.name === name)
  if (scenario === undefined) throw new Error(`no ${name}`)
  return scenario
}

function scenarioArrivals(scenario: Scenario, scale: NodeScale, random: Random): Float64Array {
  return drawArrivals(scenarioRates(scenario, scale, random), random, scenario.gapCv)
}

describe('the scenarios', () => {
  it('are 28, of different names, in four families', () => {
    expect(SCENARIOS).toHaveLength(28)
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(28)
    const count = (family: Family) => SCENARIOS.filter((one) => one.family === family).length
    expect([count('steady'), count('burst'), count('gamma'), count('shapes')]).toEqual([
      4, 10, 4, 10,
    ])
  })

  it('span light to over load', () => {
    const loads = SCENARIOS.map(({ load }) => load)
    for (const [from, to] of [
      [0, 1],
      [1, 2.01],
      [2, 4.01],
      [8, 13],
    ] as const) {
      expect(loads.filter((load) => load >= from && load < to).length).toBeGreaterThanOrEqual(2)
    }
  })

  it.each(SCENARIOS)('$name has the load it states', (scenario) => {
    const shape = [...scenario.segments(new Random(1).fork('rates'))]
    const durationS = shape.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000
    const arrivalsMs = scenarioArrivals(scenario, { workers: 1, largestMs: 5 }, new Random(1))
    // Load 1 is 200 a second; gamma arrivals scatter most.
    expect(arrivalsMs.length / durationS / 200 / scenario.load).toBeGreaterThan(0.88)
    expect(arrivalsMs.length / durationS / 200 / scenario.load).toBeLessThan(1.12)
  })

  it('scale with the node: time by its largest variant, rate by that, its workers and its batching', () => {
    expect(unitRatePerS({ workers: 4, largestMs: 5, loadFactor: 3 })).toBe(2400)
    const small = scenarioArrivals(find('poisson-1.5'), { workers: 1, largestMs: 5 }, new Random(2))
    const large = scenarioArrivals(find('poisson-1.5'), slow, new Random(2))
    expect(large.length).toBe(small.length)
    expect(large.at(-1)).toBeCloseTo(10 * (small.at(-1) as number), 6)
    const four = scenarioArrivals(find('poisson-1.5'), { workers: 4, largestMs: 5 }, new Random(2))
    expect(four.length / small.length).toBeCloseTo(4, 0)
  })

  it('replay from their seed', () => {
    const draw = (seed: number) => scenarioArrivals(find('mmpp-0.4'), slow, new Random(seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })
})
