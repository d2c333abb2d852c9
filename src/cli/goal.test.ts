import { expect, test } from 'vitest'
import type { JointDecision, OrchestratorNews } from '../control/messages.ts'
import { toldOf } from './goal.ts'

const news: OrchestratorNews = {
  ...{ session: 's', epoch: 1, goalPercent: 85, agent: 'factored', answered: [] },
}
const joint: JointDecision = {
  ...{ session: 's', round: 7, agent: 'factored', goalPercent: 85, accuracyPercent: 88.9 },
  placements: { 'device-1': 'end/d4' },
  progress: { realSteps: 0, plannedSteps: 0, updates: 0 },
  goalViolations: 0,
}
const told = (now: JointDecision | undefined, beside: Partial<OrchestratorNews> = {}) =>
  toldOf(now, { ...news, ...beside }, new Map())

test('a decision under what is in force is told as it is', () => {
  expect(told(joint)).toMatch(
    /^goal 85 %, agent factored, round 7, accuracy of the decision 88.9 %/,
  )
})

test('before any decision, what is in force is told', () => {
  expect(told(undefined, { reverted: 'asked for' })).toBe(
    'goal 85 %, agent factored, reverted: asked for; no decision yet: no device is there\n',
  )
})

test.each<[Partial<OrchestratorNews>, string]>([
  [{ goalPercent: 87.25 }, 'goal 87.25 %, agent factored'],
  [{ agent: 'hybrid' }, 'goal 85 %, agent hybrid'],
  [{ reverted: 'asked for' }, 'goal 85 %, agent factored, reverted: asked for'],
  [
    { deviceGoals: { 'device-1': { goalPercent: 91 } } },
    'goal 85 %, own goal of device-1 91 %, agent factored',
  ],
])('a decision from before %j is not told as one under it', (beside, inForce) => {
  const [first, second] = told(joint, beside).split('\n')
  expect(first).toBe(
    `in force: ${inForce}; nothing is decided under it yet. The decision before it:`,
  )
  expect(second).toContain('goal 85 %, agent factored, round 7')
})

test('an agent that is a list of decisions is told by their number', () => {
  const agent = `fixed:${'edge/d0,end/d4;'.repeat(200)}edge/d0,edge/d0`
  const text = told({ ...joint, agent }, { agent })
  expect(text).toContain('agent fixed: 201 decisions in turn, round 7')
})
