import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { fleetProblem, type MeasuredFleet } from './measured-fleet.ts'

const ACCURACIES = new Map([
  ['d1', 80],
  ['d0', 90],
])
const MACHINES = new Map([
  ['camera', new Map(Object.entries({ d0: 400, d1: 50 }))],
  ['phone', new Map(Object.entries({ d1: 20 }))],
])
const fleet: MeasuredFleet = {
  devices: [
    { name: 'camera', count: 2, machine: 'camera', edge: 'attic', link: { edge: 7, cloud: 30 } },
    { name: 'phone', count: 1, machine: 'phone', link: { cloud: 60 } },
    { name: 'loner', count: 1, machine: 'camera', link: {} },
  ],
  edges: {
    hall: { responseTimesMs: { 1: 100 } },
    attic: { responseTimesMs: { 1: 100, 2: 140 }, variants: { d0: 0, d1: -40 } },
  },
  cloud: { responseTimesMs: { 1: 150, 3: 170 } },
}

const closed = Number.POSITIVE_INFINITY

test('choices, times and curves are what the file says', () => {
  const { problem, deviceNames, edgeNames } = fleetProblem(fleet, ACCURACIES, MACHINES, 85)
  const names = problem.choices.map(({ placement }) => `${placement.tier}/${placement.variant}`)
  expect(names).toEqual(['end/d0', 'end/d1', 'edge/d0', 'edge/d1', 'cloud/d0'])
  expect(problem.choices.map(({ accuracyPercent }) => accuracyPercent)).toEqual([
    90, 80, 90, 80, 90,
  ])
  expect(deviceNames).toEqual(['camera-1', 'camera-2', 'phone', 'loner'])
  expect(edgeNames).toEqual(['hall', 'attic'])
  const camera = [400, 50, 7, -33, 30]
  expect([...problem.ownTimesMs]).toEqual([
    ...camera,
    ...camera,
    ...[closed, 20, closed, closed, 60],
    ...[400, 50, closed, closed, closed],
  ])
  expect([...problem.edgeOf]).toEqual([1, 1, 0, 0])
  // Nobody uses the hall; both cameras may use the attic, and three devices the cloud.
  expect(problem.edgeCurvesMs.map((curve) => [...curve])).toEqual([[], [100, 140]])
  expect([...problem.cloudCurveMs]).toEqual([150, 160, 170])
  expect(problem).toMatchObject({ devices: 4, goalPercent: 85 })
})

test('mostUsers ends a curve, however far its points reach', () => {
  const cloud = { responseTimesMs: { 1: 150, 9: 230 }, mostUsers: 2 }
  const { problem } = fleetProblem({ ...fleet, cloud }, ACCURACIES, MACHINES, 85)
  expect([...problem.cloudCurveMs]).toEqual([150, 160])
})

test('points need not be in order', () => {
  const cloud = { responseTimesMs: { 3: 170, 2: 200, 1: 150 } }
  const { problem } = fleetProblem({ ...fleet, cloud }, ACCURACIES, MACHINES, 85)
  expect([...problem.cloudCurveMs]).toEqual([150, 200, 170])
})

describe('refused, by name', () => {
  test.each<[string, Partial<MeasuredFleet>, string]>([
    [
      'a curve that ends too soon',
      { cloud: { responseTimesMs: { 1: 150, 2: 160 } } },
      'cloud.responseTimesMs ends at 2 users, but 3 devices may use it: measure it with 3, or set mostUsers: 2',
    ],
    [
      'room for more than was measured',
      { cloud: { responseTimesMs: { 1: 150 }, mostUsers: 2 } },
      'cloud.responseTimesMs ends at 1 users, but 3 devices may use it: measure it with 2',
    ],
    [
      'a variant nobody knows',
      { cloud: { responseTimesMs: { 1: 1, 3: 3 }, variants: { d9: 0 } } },
      'accuracies has no d9, which cloud serves: give its accuracy in percent',
    ],
  ])('%s', (_, change, message) => {
    const building = () => fleetProblem({ ...fleet, ...change }, ACCURACIES, MACHINES, 85)
    expect(building).toThrow(ConfigError)
    expect(building).toThrow(message)
  })
})
