import { beforeEach, describe, expect, it } from 'vitest'
import { SimulatedTime } from './fake-fleet.fixture.ts'
import { GoalGovernor } from './goal-governor.ts'

let clock: SimulatedTime
let governor: GoalGovernor
beforeEach(() => {
  clock = new SimulatedTime()
  governor = new GoalGovernor(clock)
})
/** One request of every device. */
const hear = (accuracyPercent: readonly number[]) => {
  for (const [device, percent] of accuracyPercent.entries()) governor.hear(`d${device}`, percent)
}

it('raises nothing with equal traffic that is served as decided', () => {
  expect(governor.raised(85, 89.9, 2)).toBe(85)
  for (let round = 0; round < 50; round++) hear([80.1, 89.9])
  expect(governor.served).toEqual({ requests: 100, accuracyPercent: 85, windowSeconds: 60 })
  expect(governor.raised(85, 89.9, 2)).toBe(85)
})

it('raises the goal until what fell short of it is paid back', () => {
  // 72.8 + 89.9 is 7.3 below twice the goal: 0.365 for each of twice ten requests, in steps of 0.5.
  hear([72.8, 89.9])
  expect(governor.raised(85, 89.9, 2)).toBe(85.5)
  hear([72.8, 89.9])
  expect(governor.raised(85, 89.9, 2)).toBe(86)
  let rounds = 0
  for (; governor.raised(85, 89.9, 2) > 85; rounds++) {
    const raised = governor.raised(85, 89.9, 2)
    hear([raised, raised])
  }
  expect(governor.served?.accuracyPercent).toBeGreaterThanOrEqual(85)
  expect(rounds).toBeLessThan(20)
})

it('asks for no more than is reachable, and never for less than the goal', () => {
  for (let round = 0; round < 10; round++) hear([72.8])
  expect(governor.raised(85, 89.9, 1)).toBe(89.9)
  expect(governor.raised(85, 80, 1)).toBe(85)
})

it('counts devices by what they ask: of four, one asks', () => {
  // All of 4 × (89.9 - G) may fall on it, and it may fall short by 4.9: G = 89.9 - 4.9 / 4 = 88.675, in steps of 0.5.
  for (let count = 0; count < 20; count++) governor.hear('busy', 89.9)
  expect(governor.raised(85, 89.9, 4)).toBe(89)
})

it('forgets what is older than its window, and all under another goal', async () => {
  hear([70])
  await clock.advance(61_000)
  expect(governor.served).toBeUndefined()
  expect(governor.raised(85, 90, 1)).toBe(85)
  hear([70])
  governor.restart()
  expect(governor.raised(85, 90, 1)).toBe(85)
})

it('stays bounded, whatever names report', async () => {
  for (let count = 0; count < 10_000; count++) governor.hear(`stranger-${count}`, 90)
  for (let second = 0; second < 200; second++) {
    governor.hear('one', 90)
    await clock.advance(1000)
  }
  expect(governor.served?.requests).toBeLessThanOrEqual(60)
  // A second that is over takes away just what it gave.
  expect(governor.servedOf('one')).toEqual({ requests: 59, accuracyPercent: 90, windowSeconds: 60 })
  expect(governor.servedOf('stranger-7')).toBeUndefined()
})

describe('the goal of one device', () => {
  it('is raised by what its own requests owe, whatever the others are served', () => {
    for (let request = 0; request < 4; request++) hear([72.8, 89.9])
    // 4 × 15.2 below its goal, over ten requests.
    expect(governor.raisedFor('d0', 88)).toBe(94.5)
    expect(governor.raisedFor('d1', 88)).toBe(88)
    expect(governor.raisedFor('never heard of', 88)).toBe(88)
    expect(governor.servedOf('d0')).toEqual({
      requests: 4,
      accuracyPercent: 72.8,
      windowSeconds: 60,
    })
  })

  it('has been kept over the window once the debt is paid back', () => {
    for (let request = 0; request < 20; request++) hear([80])
    let requests = 0
    for (; governor.raisedFor('d0', 88) > 88; requests++) hear([89.9])
    expect(governor.servedOf('d0')?.accuracyPercent).toBeGreaterThanOrEqual(88)
    expect(requests).toBeLessThan(120)
  })

  it('goes on when the fleet gets another', async () => {
    hear([70])
    governor.restart()
    expect(governor.served).toBeUndefined()
    expect(governor.raisedFor('d0', 80)).toBe(81)
    await clock.advance(61_000)
    expect(governor.raisedFor('d0', 80)).toBe(80)
  })
})
