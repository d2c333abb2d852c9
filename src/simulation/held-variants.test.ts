import { expect, it } from 'vitest'
import { plan } from '../learning/planner/plan.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { DEFAULT_CHOICES } from './worlds/paper-world.ts'

/** Index of a choice: end/d0 … end/d7, then the edge and the cloud. */
const [D7, EDGE, CLOUD] = [7, 8, 9]

it('keeps a device from a variant that it does not hold', () => {
  const all = DEFAULT_CHOICES.map(({ placement }) => placement.variant)
  const held = [all, [], all, all, all]
  const environment = new SimulatedEnvironment({
    devices: 5,
    scenario: 'A',
    goalPercent: 85,
    held,
  })
  const { available } = environment.currentState()
  expect(available.map((open) => open[D7])).toEqual([true, false, true, true, true])
  expect(() => environment.step([D7, D7, D7, D7, D7])).toThrow('not available to device 1')
  expect(environment.step([D7, EDGE, D7, D7, D7]).accuracyPercent[1]).toBe(89.9)
  // Its fastest choice, but for the edge and the cloud, is none.
  const { decision } = plan(environment.planningProblem())
  expect([EDGE, CLOUD]).toContain(decision[1])
})
