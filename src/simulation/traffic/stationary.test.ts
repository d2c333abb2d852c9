import { expect, it } from 'vitest'
import { plan } from '../../learning/planner/plan.ts'
import { Random } from '../../random.ts'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import { heterogeneousWorld } from '../worlds/heterogeneous-world.ts'
import { paperWorld } from '../worlds/paper-world.ts'
import { improved, planForTraffic, stationaryMs, stationaryTimesMs } from './stationary.ts'
import type { TrafficOptions } from './traffic.ts'

const OPTIONS: TrafficOptions = { goalPercent: 85, noise: 0.08, pausesMs: [400, 500, 600, 700] }
const WORLD = heterogeneousWorld({ devices: 4, edges: 1, kind: 'classes' }, new Random(6))

it('is the response time of a round where devices do not meet', () => {
  const round = new SimulatedEnvironment({ ...OPTIONS, world: WORLD }).expectedResponseTimesMs([
    0, 3, 7, 8,
  ])
  stationaryTimesMs(WORLD, OPTIONS, [0, 3, 7, 8]).forEach((ms, device) => {
    expect(ms).toBeCloseTo(round[device] ?? 0, 6)
  })
})

it('is below that of a round where they do, which is when all meet always', () => {
  const all = [8, 8, 8, 8]
  const round = new SimulatedEnvironment({ ...OPTIONS, world: WORLD }).expectedResponseTimeMs(all)
  expect(stationaryMs(WORLD, OPTIONS, all)).toBeLessThan(round)
  const seldom = { ...OPTIONS, pausesMs: [9000, 9000, 9000, 9000] }
  const alone =
    new SimulatedEnvironment({ ...OPTIONS, world: WORLD }).expectedResponseTimesMs([
      8, 0, 0, 0,
    ])[0] ?? 0
  const [seldomMs = 0] = stationaryTimesMs(WORLD, seldom, all)
  expect(seldomMs).toBeGreaterThan(alone)
  expect(seldomMs).toBeLessThan(1.15 * alone)
})

it('plans on what meets in traffic: more devices share a node than in rounds', () => {
  const world = paperWorld({ scenario: 'A', devices: 4 })
  const options = { ...OPTIONS, goalPercent: 89.9, pausesMs: [5000, 5000, 5000, 5000] }
  const rounds = new SimulatedEnvironment({ ...options, world })
  const decision = planForTraffic(world, options)
  // d0 takes 465 ms at a device. In rounds two at the edge take 600 each; in traffic they seldom meet.
  expect(plan(rounds.planningProblem()).decision.toSorted()).toEqual([0, 0, 8, 9])
  expect(decision.toSorted()).toEqual([8, 8, 9, 9])
  expect(stationaryMs(world, options, decision)).toBeLessThan(390)
})

it('improves by changing single devices until that helps no more, and never breaks the goal', () => {
  const start = [0, 0, 0, 0]
  const { decision, responseTimeMs } = improved(WORLD, OPTIONS, [start])
  expect(responseTimeMs).toBeLessThan(stationaryMs(WORLD, OPTIONS, start))
  expect(responseTimeMs).toBeCloseTo(stationaryMs(WORLD, OPTIONS, decision), 9)
  const { choices } = new SimulatedEnvironment({ ...OPTIONS, world: WORLD }).problem
  const accuracy = decision.reduce(
    (sum, choice) => sum + (choices[choice]?.accuracyPercent ?? 0),
    0,
  )
  expect(accuracy / 4).toBeGreaterThanOrEqual(85 - 1e-9)
  expect(improved(WORLD, OPTIONS, [decision]).decision).toEqual(decision)
})
