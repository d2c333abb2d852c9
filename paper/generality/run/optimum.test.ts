import { describe, expect, test } from 'vitest'
import { accuraciesOf, meetsGoal } from '../../../src/fleet/goal.ts'
import { Random } from '../../../src/random.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import type { World } from '../../../src/simulation/world.ts'
import { type DrawnFleet, drawnWorld } from '../worlds/drawn-world.ts'
import { GOAL_LEVELS, goalPercentOf } from '../worlds/ladder.ts'
import { SETS } from '../worlds/sets.ts'
import { type Optimum, plannedOptimum, triedOptimum } from './optimum.ts'

const LAWS = [...SETS.tuning.laws, ...SETS.reported.laws]

function fleetsOf(change: Partial<DrawnFleet>, seed: number) {
  const fleet = { law: 'knee' as const, users: 3, local: 'free' as const, ...change }
  const world = drawnWorld(fleet, new Random(seed))
  return GOAL_LEVELS.map((level) => {
    const goalPercent = goalPercentOf(level, world.choices)
    return { world, goalPercent, fleet: new SimulatedEnvironment({ world, goalPercent }) }
  })
}

/** Of the world's own times and what it couples, without planner or simulator. */
function totalMs({ times, start, choices, edgeOf, coupledMs }: World, decision: number[]): number {
  const { own, curvesMs } = times(start)
  const nodes = decision.map((choice, device) => {
    const tier = choices[choice]?.placement.tier
    if (tier === 'end') return -1
    return tier === 'cloud' ? curvesMs.length - 1 : (edgeOf[device] ?? -1)
  })
  const coupled = coupledMs?.(decision)
  return decision.reduce((sum, choice, device) => {
    const { computeMs = 0, linkMs = 0 } = own[device]?.[choice] ?? {}
    const node = nodes[device] ?? -1
    const users = nodes.filter((other) => other === node).length
    const sharedMs = node < 0 ? 0 : (curvesMs[node]?.[users - 1] ?? 0)
    return sum + computeMs + linkMs + sharedMs + (coupled?.[device] ?? 0)
  }, 0)
}

/** Three devices: every decision there is. */
function bruteForceMs(world: World, goalPercent: number): number {
  const all = [...world.choices.keys()]
  const decisions = all.flatMap((a) => all.flatMap((b) => all.map((c) => [a, b, c])))
  const allowed = decisions.filter((decision) =>
    meetsGoal(accuraciesOf(decision, world.choices), goalPercent),
  )
  return Math.min(...allowed.map((decision) => totalMs(world, decision))) / 3
}

function isRight({ decision, responseTimeMs }: Optimum, world: World, goalPercent: number): void {
  expect(responseTimeMs).toBeCloseTo(bruteForceMs(world, goalPercent), 6)
  expect(totalMs(world, [...decision]) / 3).toBeCloseTo(responseTimeMs, 6)
  expect(meetsGoal(accuraciesOf(decision, world.choices), goalPercent)).toBe(true)
}

describe.each(LAWS)('%s', (law) => {
  test.each([1, 2, 3])('trying all finds what brute force finds: seed %i', (seed) => {
    for (const { world, goalPercent, fleet } of fleetsOf({ law }, seed)) {
      isRight(triedOptimum(fleet), world, goalPercent)
      if (!world.coupledMs) isRight(plannedOptimum(fleet), world, goalPercent)
    }
  })
})

test('where devices interact, what is planned as if they did not may be worse', () => {
  const worse = Array.from({ length: 10 }, (_, seed) => fleetsOf({ law: 'memory bus' }, seed))
    .flat()
    .filter(({ fleet }) => {
      const { decision } = plannedOptimum(fleet)
      return fleet.expectedResponseTimeMs(decision) > triedOptimum(fleet).responseTimeMs + 1e-9
    })
  expect(worse.length).toBeGreaterThan(0)
})

test('too many decisions are refused', () => {
  const [first] = fleetsOf({ users: 12 }, 1)
  expect(() => first && triedOptimum(first.fleet)).toThrow('too many to try all: take fewer users')
})
