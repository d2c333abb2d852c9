import { expect, test } from 'vitest'
import { createAgent, interact, SimulatedEnvironment } from './index.ts'

test('an agent learns in the simulator through the public names alone', async () => {
  const environment = new SimulatedEnvironment({
    devices: 1,
    scenario: 'A',
    goalPercent: 80,
    seed: 1,
    noise: 0,
  })
  const agent = createAgent('hybrid', environment.problem, { seed: 1 })
  await interact(agent, environment, { seed: 1, steps: 60 })
  const decision = agent.greedy(environment.currentState())
  // The fastest single device that meets 80 %: d6 on the device itself, 58.6 + 0.332 · 150 ms.
  expect(environment.expectedResponseTimeMs(decision)).toBeCloseTo(108.4, 1)
})
