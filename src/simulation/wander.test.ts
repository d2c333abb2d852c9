import { describe, expect, it } from 'vitest'
import { scenarioState } from '../fleet/scenarios.ts'
import type { FleetState } from '../fleet/state.ts'
import { Random } from '../random.ts'
import { wandered } from './wander.ts'

const links = ({ devices, edges }: FleetState) =>
  [...devices, ...edges].map(({ bandwidth }) => (bandwidth === 1 ? 'W' : 'R')).join('')

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
