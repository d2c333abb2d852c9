import { expect, it } from 'vitest'
import { Random } from '../random.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { membersOf } from './world.ts'
import { heterogeneousWorld } from './worlds/heterogeneous-world.ts'

it('goes on with some of its devices, known by name', () => {
  const world = heterogeneousWorld({ devices: 6, edges: 2, kind: 'classes' }, new Random(4))
  const all = new SimulatedEnvironment({ world, goalPercent: 85, noise: 0 })
  const some = new SimulatedEnvironment({
    world: membersOf(world, [1, 4, 5]),
    goalPercent: 85,
    noise: 0,
  })
  expect(some.problem.names).toEqual(['device-2', 'device-5', 'device-6'])
  expect(some.problem.edgeOf).toEqual([1, 0, 1])
  const [local, edge] = [0, 8]
  const before = all.expectedResponseTimesMs([0, edge, 0, 0, local, edge])
  expect(some.expectedResponseTimesMs([edge, local, edge])).toEqual(
    [1, 4, 5].map((device) => before[device]),
  )
})
