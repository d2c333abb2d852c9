import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { Random } from '../random.ts'
import { DEFAULT_THRESHOLDS, Discretiser, type Measured } from './discretise.ts'

const measured = (changes: Partial<Measured> = {}): Measured => ({
  backgroundProcessorPercent: 0,
  memoryUsedPercent: 0,
  ...changes,
})
/** The states that a series of loads leads to. */
const processors = (discretiser: Discretiser, loads: readonly number[]) =>
  loads.map((load) => discretiser.update(measured({ backgroundProcessorPercent: load })).processor)

describe('processor', () => {
  it('of a device is Available or Busy, with hysteresis between 40 and 50 %', () => {
    const discretiser = new Discretiser('end')
    const loads = [0, 49.9, 50, 45, 40, 39.9, 45, 49.9, 100]
    expect(processors(discretiser, loads)).toEqual([0, 0, 1, 1, 1, 0, 0, 0, 1])
  })

  it.each(['edge', 'cloud'] as const)('of the %s has nine levels of 12.5 %%', (tier) => {
    for (let level = 0; level <= 8; level++) {
      expect(processors(new Discretiser(tier), [12.5 * level])).toEqual([level])
    }
    // Border of 0 and 1 at 6.25, of 7 and 8 at 93.75; two points more to cross it.
    expect(processors(new Discretiser(tier), [8.25, 8.3, 4.3, 4.2])).toEqual([0, 1, 1, 0])
    expect(processors(new Discretiser(tier), [100, 91.8, 91.7, 95.7, 95.8])).toEqual([
      8, 8, 7, 7, 8,
    ])
  })

  it('follows a load to within its level and margin, and never flickers by less than the margin', () => {
    const random = new Random(2)
    const discretiser = new Discretiser('edge')
    for (let sample = 0; sample < 5000; sample++) {
      const load = 100 * random.uniform()
      const [level = -1] = processors(discretiser, [load])
      expect(Math.abs(load - 12.5 * level)).toBeLessThanOrEqual(8.25 + 1e-9)
      const [again] = processors(discretiser, [Math.min(100, Math.max(0, 12.5 * level + 8))])
      expect(again).toBe(level)
    }
  })
})

describe('memory and link', () => {
  it('memory is Busy from 85 % until below 80 %', () => {
    const discretiser = new Discretiser('cloud')
    const states = [84, 85, 80, 79.9, 84].map(
      (memoryUsedPercent) => discretiser.update(measured({ memoryUsedPercent })).memory,
    )
    expect(states).toEqual([0, 1, 1, 0, 0])
  })

  it('a link is Weak by its delay from 15 ms until below 10 ms', () => {
    const discretiser = new Discretiser('end')
    const states = [1, 14, 15, 10, 9.9].map(
      (roundTripMs) => discretiser.update(measured({ roundTripMs })).bandwidth,
    )
    expect(states).toEqual([0, 0, 1, 1, 0])
  })

  it('a link is Weak by its rate from 5 Mbps until above 8 Mbps', () => {
    const discretiser = new Discretiser('end')
    const states = [100, 5.1, 5, 8, 8.1, 6].map(
      (bandwidthMbps) => discretiser.update(measured({ bandwidthMbps })).bandwidth,
    )
    expect(states).toEqual([0, 0, 1, 1, 0, 0])
  })

  it('either sign is enough, and what is not measured stays as it was', () => {
    const discretiser = new Discretiser('end')
    const bandwidth = (changes: Partial<Measured>) =>
      discretiser.update(measured(changes)).bandwidth
    expect(bandwidth({ roundTripMs: 40, bandwidthMbps: 100 })).toBe(1)
    expect(bandwidth({})).toBe(1)
    expect(bandwidth({ bandwidthMbps: 100 })).toBe(1)
    expect(bandwidth({ roundTripMs: 2 })).toBe(0)
    expect(bandwidth({ roundTripMs: 2, bandwidthMbps: 1 })).toBe(1)
  })
})

it('takes thresholds of one’s own and refuses those that are the wrong way round', () => {
  const busyProcessorPercent = { enter: 10, leave: 5 }
  const own = new Discretiser('end', { ...DEFAULT_THRESHOLDS, busyProcessorPercent })
  expect(processors(own, [10, 5, 4])).toEqual([1, 1, 0])
  const wrong = { enter: 10, leave: 20 }
  const create = (changes: object) => () =>
    new Discretiser('end', { ...DEFAULT_THRESHOLDS, ...changes })
  expect(create({ busyMemoryPercent: wrong })).toThrow(ConfigError)
  expect(create({ busyMemoryPercent: wrong })).toThrow(/busyMemoryPercent.*20.*10.*at or below/)
  expect(create({ weakBandwidthMbps: { enter: 8, leave: 5 } })).toThrow(/at or above/)
  expect(create({ weakRoundTripMs: { enter: Number.NaN, leave: 5 } })).toThrow(ConfigError)
})
