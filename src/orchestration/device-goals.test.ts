import { beforeEach, expect, it } from 'vitest'
import { DeviceGoals } from './device-goals.ts'
import { choices, SimulatedTime, silentLogger, telemetryOf } from './fake-fleet.fixture.ts'
import { GoalGovernor } from './goal-governor.ts'
import { LiveNodes } from './live-nodes.ts'

const devices = ['one', 'two']
/** end/d0 89.9, end/d4 88.9, end/d7 72.8, edge/d0, cloud/d0: of them those that the device serves itself. */
const OWN = [true, true, true, false, false]

let governor: GoalGovernor
let nodes: LiveNodes
let goals: DeviceGoals
beforeEach(() => {
  const clock = new SimulatedTime()
  governor = new GoalGovernor(clock)
  nodes = new LiveNodes({ choices, staleAfterMs: 1000, clock, logger: silentLogger })
  for (const device of devices) nodes.hear(telemetryOf(device, 'end'))
  goals = new DeviceGoals({ devices, choices, nodes, governor })
})
const ask = (goalPercent: number) => nodes.hear({ ...telemetryOf('one', 'end'), goalPercent })
const held = () => goals.heldOf(goals.serving)

it('leaves devices without a goal whatever there is', () => {
  expect(goals.available).toEqual([OWN, OWN])
  expect(held()).toEqual([OWN, OWN])
  expect(goals.report).toEqual({})
})

it('gives a device with a goal what is at or above it, and the others all', () => {
  expect(ask(88)).toBe(true)
  expect(goals.serving).toEqual([OWN, OWN])
  expect(goals.available).toEqual([[true, true, false, false, false], OWN])
  expect(held()).toEqual(goals.available)
  expect(goals.report).toEqual({ one: { goalPercent: 88 } })
})

it('asks for more, of agents alone, while the window owes something', () => {
  ask(88)
  for (let request = 0; request < 2; request++) governor.hear('one', 80)
  expect(held()).toEqual([[true, false, false, false, false], OWN])
  // What was decided before is not refused for that.
  expect(goals.available).toEqual([[true, true, false, false, false], OWN])
  const served = { requests: 2, accuracyPercent: 80, windowSeconds: 60 }
  expect(goals.report).toEqual({ one: { goalPercent: 88, raisedGoalPercent: 89.9, served } })
})

it('gives the most accurate there is where nothing reaches the goal, and says so', () => {
  ask(95)
  expect(goals.available).toEqual([[true, false, false, false, false], OWN])
  expect(goals.report).toEqual({ one: { goalPercent: 95, reachablePercent: 89.9 } })
  nodes.hear({ ...telemetryOf('one', 'end'), goalPercent: 95, variants: [{ name: 'd7' }] })
  expect(goals.available[0]).toEqual([false, false, true, false, false])
  expect(goals.report).toEqual({ one: { goalPercent: 95, reachablePercent: 72.8 } })
})
