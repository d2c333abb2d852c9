import { expect, test } from 'vitest'
import { accuraciesOf, meetsGoal } from '../../../src/fleet/goal.ts'
import { createAgent } from '../../../src/learning/agents/create.ts'
import { Random } from '../../../src/random.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import { drawnWorld } from '../worlds/drawn-world.ts'
import { GOAL_LEVELS, goalPercentOf } from '../worlds/ladder.ts'
import { bestFixed } from './best-fixed.ts'

test.each([1, 2, 3, 4, 5])('of what all may do alike nothing is quicker: seed %i', (seed) => {
  const world = drawnWorld({ law: 'memory bus', users: 5, local: 'free' }, new Random(seed))
  for (const level of GOAL_LEVELS) {
    const goalPercent = goalPercentOf(level, world.choices)
    const fleet = new SimulatedEnvironment({ world, goalPercent })
    const agent = createAgent(bestFixed(fleet), fleet.problem, { seed: 1 })
    const decision = agent.greedy(fleet.currentState())
    expect(new Set(decision).size).toBe(1)
    expect(meetsGoal(accuraciesOf(decision, world.choices), goalPercent)).toBe(true)
    const times = [...world.choices.keys()]
      .map((choice) => new Array<number>(5).fill(choice))
      .filter((all) => meetsGoal(accuraciesOf(all, world.choices), goalPercent))
      .map((all) => fleet.expectedResponseTimeMs(all))
    expect(fleet.expectedResponseTimeMs(decision)).toBe(Math.min(...times))
  }
})
