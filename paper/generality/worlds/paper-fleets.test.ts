import { describe, expect, test } from 'vitest'
import { SCENARIOS } from '../../../src/fleet/scenarios.ts'
import { Random } from '../../../src/random.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import type { World } from '../../../src/simulation/world.ts'
import { paperWorld } from '../../../src/simulation/worlds/paper-world.ts'
import { plannedOptimum } from '../run/optimum.ts'
import { isPaperFleet, PAPER_FLEETS, paperFleet } from './paper-fleets.ts'

const optimumMs = (world: World, goalPercent: number) =>
  plannedOptimum(new SimulatedEnvironment({ world, goalPercent })).responseTimeMs

const curves = (world: World) => world.times(world.start).curvesMs.map((curve) => [...curve])

test('there is a fitted and a drawn one of every scenario', () => {
  expect(PAPER_FLEETS).toHaveLength(2 * SCENARIOS.length)
  expect(PAPER_FLEETS.every(isPaperFleet)).toBe(true)
  expect(isPaperFleet('knee')).toBe(false)
})

describe.each(SCENARIOS)('%s', (scenario) => {
  const paper = paperWorld({ devices: 5, scenario })

  test('fitted: the same fleet, with nothing called as in the paper', () => {
    const fitted = paperFleet(`fitted ${scenario}`, new Random(1))
    for (const goalPercent of [0, 80, 85, 89]) {
      expect(optimumMs(fitted, goalPercent)).toBeCloseTo(optimumMs(paper, goalPercent), 9)
    }
    const accuracies = ({ choices }: World) => choices.map((choice) => choice.accuracyPercent)
    expect(accuracies(fitted).toSorted()).toEqual(accuracies(paper).toSorted())
    expect(accuracies(fitted)).not.toEqual(accuracies(paper))
    const names = fitted.choices.map(({ placement }) => placement.variant)
    expect(names.every((name) => /^model-\d$/.test(name))).toBe(true)
  })

  test('drawn: of a seed the same, of others others, shared by no less and no more than Table V allows', () => {
    const drawn = (seed: number) => curves(paperFleet(`drawn ${scenario}`, new Random(seed)))
    expect(drawn(1)).toEqual(drawn(1))
    expect(drawn(1)).not.toEqual(drawn(2))
    const [edge = [], cloud = []] = curves(paper)
    const slope = ([alone = 1, two = 1]: readonly number[]) => two / alone - 1
    for (let seed = 1; seed <= 30; seed++) {
      const [ownEdge = [], ownCloud = []] = drawn(seed)
      expect(slope(ownEdge)).toBeLessThanOrEqual(slope(edge) + 1e-9)
      expect(slope(ownEdge)).toBeGreaterThanOrEqual(57 / (edge[0] ?? 1) - 1e-9)
      expect(slope(ownCloud)).toBeLessThanOrEqual(slope(cloud) + 1e-9)
      expect(slope(ownCloud)).toBeGreaterThanOrEqual(45 / (cloud[0] ?? 1) - 1e-9)
    }
  })
})
