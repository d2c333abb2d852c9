import { expect, it } from 'vitest'
import { SCENARIOS, type Scenario } from '../../fleet/scenarios.ts'
import { Random } from '../../random.ts'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import { paperWorld } from './paper-world.ts'
import { WorldEnvironment } from './world-environment.ts'

const worldOf = (scenario: Scenario, delivery: 'consulted' | 'pushed') =>
  new WorldEnvironment(paperWorld(scenario, 5, delivery), { goalPercent: 0, noise: 0 })

it.each(SCENARIOS)('is the simulated fleet in scenario %s, where requests ask', (scenario) => {
  const fleet = new SimulatedEnvironment({ devices: 5, scenario, goalPercent: 0, seed: 1 })
  const world = worldOf(scenario, 'consulted')
  const random = new Random(1)
  for (let round = 0; round < 200; round++) {
    const decision = Array.from({ length: 5 }, () => random.integer(10))
    const expected = fleet.expectedResponseTimesMs(decision)
    world.expectedResponseTimesMs(decision).forEach((ms, device) => {
      expect(ms).toBeCloseTo(expected[device] ?? 0, 9)
    })
  }
})

it('saves what asking costs where decisions are pushed, by hand', () => {
  const [asked, pushed] = [worldOf('D', 'consulted'), worldOf('D', 'pushed')]
  // d7 takes 58.6 + 41 · 0.332 ms; asking 77 of a weak device and 6 of a weak edge.
  const local = 58.6 + 41 * 0.332
  expect(asked.expectedResponseTimeMs([7, 7, 7, 7, 7])).toBeCloseTo(local + 83, 9)
  expect(pushed.expectedResponseTimeMs([7, 7, 7, 7, 7])).toBeCloseTo(local, 9)
  // Forwarded alone: 23 ms beyond the asking, and the edge's 6.
  expect(asked.expectedResponseTimesMs([8, 7, 7, 7, 7])[0]).toBeCloseTo(351 + 77 + 23 + 6, 9)
  expect(pushed.expectedResponseTimesMs([8, 7, 7, 7, 7])[0]).toBeCloseTo(351 + 23 + 6, 9)
})

it('saves nothing without weak links, and costs more nowhere', () => {
  const random = new Random(2)
  for (const scenario of SCENARIOS) {
    const [asked, pushed] = [worldOf(scenario, 'consulted'), worldOf(scenario, 'pushed')]
    for (let round = 0; round < 100; round++) {
      const decision = Array.from({ length: 5 }, () => random.integer(10))
      const before = asked.expectedResponseTimesMs(decision)
      const after = pushed.expectedResponseTimesMs(decision)
      if (scenario === 'A') expect(after).toEqual(before)
      expect(after.every((ms, device) => ms <= (before[device] ?? 0) + 1e-9)).toBe(true)
    }
  }
})
