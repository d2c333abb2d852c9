import { expect, it } from 'vitest'
import { GoalGovernor } from './goal-governor.ts'

it('raises nothing as long as every round meets the goal', () => {
  const governor = new GoalGovernor()
  expect(governor.raised(85, 89.9)).toBe(85)
  for (const accuracy of [85, 89.9, 85]) governor.hear([accuracy, accuracy], 85)
  expect(governor.raised(85, 89.9)).toBe(85)
})

it('raises the goal until what rounds fell short of it is paid back', () => {
  const governor = new GoalGovernor()
  // (72.8 + 89.9) / 2 = 81.35: 3.65 below the goal, 0.365 for each of ten rounds, in steps of 0.5.
  governor.hear([72.8, 89.9], 85)
  expect(governor.raised(85, 89.9)).toBe(85.5)
  governor.hear([72.8, 89.9], 85)
  expect(governor.raised(85, 89.9)).toBe(86)
  const served = [81.35, 81.35]
  while (governor.raised(85, 89.9) > 85) {
    served.push(governor.raised(85, 89.9))
    governor.hear([served.at(-1) ?? 0], 85)
  }
  const meanPercent = served.reduce((sum, percent) => sum + percent, 0) / served.length
  expect(meanPercent).toBeGreaterThanOrEqual(85)
  expect(served.length).toBeLessThan(20)
})

it('asks for no more than is reachable, and never for less than the goal', () => {
  const governor = new GoalGovernor()
  for (let round = 0; round < 10; round++) governor.hear([72.8], 85)
  expect(governor.raised(85, 89.9)).toBe(89.9)
  expect(governor.raised(85, 80)).toBe(85)
})

it('does not owe for ever what cannot be paid, and nothing under another goal', () => {
  const governor = new GoalGovernor()
  for (let round = 0; round < 100_000; round++) governor.hear([70], 85)
  let rounds = 0
  for (; governor.raised(85, 90) > 85; rounds++) governor.hear([90], 85)
  expect(rounds).toBe(40)
  governor.hear([70], 85)
  governor.restart()
  expect(governor.raised(85, 90)).toBe(85)
})
