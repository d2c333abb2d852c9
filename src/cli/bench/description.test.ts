import { expect, test } from 'vitest'
import { goalTable } from './description.ts'
import { GOAL_WINDOW } from './goal-outcome.ts'

const goal = {
  goalPercent: 85,
  window: GOAL_WINDOW,
  meanAccuracyPercent: 88.857,
  lowestWindowPercent: 87,
  lowestAnswerPercent: null,
  closedRounds: 767,
  goalViolations: 2,
  answeredByDevices: 34,
}

test('a goal is told per policy, with the window that it is accounted over', () => {
  const [text = ''] = goalTable([{ policy: 'slack-fit', goal }])
  expect(text).toMatch(/^goal 85 %/)
  expect(text).toMatch(/\nslack-fit +88\.86 +87\.00 +– +2 of 767 +34\n/)
  expect(text).toContain(GOAL_WINDOW)
})

test('without a fleet there is none to tell of', () => {
  expect(goalTable([])).toEqual([])
})
