import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import {
  edgeOf,
  type FleetState,
  featuresOf,
  parseScenario,
  SCENARIO_NAMES,
  scenarioState,
} from './fleet-state.ts'
import { wandered } from './wander.ts'

const links = ({ devices, edges }: FleetState) =>
  [...devices, ...edges].map(({ bandwidth }) => (bandwidth === 1 ? 'W' : 'R')).join('')

describe('The scenarios of Table IV', () => {
  it.each([
    ['A', 'RRRRRR'],
    ['B', 'RWRWRW'],
    ['C', 'WWWRRR'],
    ['D', 'WWWWWW'],
  ] as const)('%s has links %s (S1–S5, E)', (scenario, expected) => {
    expect(links(scenarioState(scenario, 5, 1))).toBe(expected)
  })

  it('are cut to few devices, repeated for many, and alike for all edges', () => {
    expect(links(scenarioState('B', 2, 1))).toBe('RWW')
    expect(links(scenarioState('C', 8, 2))).toBe('WWWRRWWWRR')
  })

  it('are known by name only', () => {
    expect(SCENARIO_NAMES.map(parseScenario)).toEqual(['A', 'B', 'C', 'D'])
    expect(() => parseScenario('E')).toThrow('"E" is not a scenario: choose one of A, B, C, D')
  })
})

describe('The state of Table II', () => {
  it('is processor, memory and bandwidth of devices, edges and cloud, in [0, 1]', () => {
    const fleet: FleetState = {
      devices: [
        { processor: 1, memory: 0, bandwidth: 0 },
        { processor: 0, memory: 1, bandwidth: 1 },
      ],
      edges: [{ processor: 2, memory: 0, bandwidth: 1 }],
      cloud: { processor: 8, memory: 1, bandwidth: 0 },
    }
    expect([...featuresOf(fleet)]).toEqual([1, 0, 0, 0, 1, 1, 0.25, 0, 1, 1, 1, 0])
  })

  it('has 3n + 6 components with one edge', () => {
    expect(featuresOf(scenarioState('A', 5, 1))).toHaveLength(21)
  })

  it('deals devices out to edges in turn', () => {
    expect([0, 1, 2, 3, 4].map((device) => edgeOf(device, 2))).toEqual([0, 1, 0, 1, 0])
  })
})

describe('wandered', () => {
  const start = scenarioState('A', 5, 2)

  it('stays, as the same object, where nothing can move', () => {
    const still = { linkFlip: 0, levelMove: 0, busyFlip: 0 }
    expect(wandered(start, still, new Random(1))).toBe(start)
  })

  it('flips every link where flipping is certain, and nothing else', () => {
    const flipped = wandered(start, { linkFlip: 1, levelMove: 0, busyFlip: 0 }, new Random(1))
    expect(links(flipped)).toBe('WWWWWWW')
    expect(flipped.cloud).toEqual({ processor: 0, memory: 0, bandwidth: 1 })
    expect(flipped.devices.every(({ processor, memory }) => processor + memory === 0)).toBe(true)
  })

  it('moves levels by one, visits all nine and leaves none of them', () => {
    const random = new Random(5)
    const seen = new Set<number>()
    let fleet = start
    for (let round = 0; round < 2000; round++) {
      const next = wandered(fleet, { linkFlip: 0, levelMove: 0.8, busyFlip: 0 }, random)
      expect(Math.abs(next.cloud.processor - fleet.cloud.processor)).toBeLessThanOrEqual(1)
      seen.add(next.cloud.processor)
      fleet = next
    }
    expect([...seen].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(fleet.devices).toEqual(start.devices)
  })

  it('moves as often as it is told', () => {
    const random = new Random(9)
    let fleet = start
    let flips = 0
    for (let round = 0; round < 4000; round++) {
      const next = wandered(fleet, { linkFlip: 0.1, levelMove: 0, busyFlip: 0 }, random)
      flips += next.cloud.bandwidth === fleet.cloud.bandwidth ? 0 : 1
      fleet = next
    }
    expect(flips / 4000).toBeCloseTo(0.1, 1)
  })
})
