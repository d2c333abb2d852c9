import { expect, test } from 'vitest'
import type { JointDecision } from '../control/messages.ts'
import {
  certifiedTexts,
  devicesText,
  explainedText,
  gapText,
  measuredText,
  shadowText,
} from './decision-text.ts'

test('a gap is never shown as none when there is one', () => {
  expect(gapText(0)).toBe('0.0 %')
  expect(gapText(-1e-12)).toBe('0.0 %')
  expect(gapText(0.004)).toBe('0.004 %')
  expect(gapText(2.345)).toBe('2.3 %')
})

test('an explanation says by what it holds, and whether it is what is done', () => {
  const known = { responseTimeMs: 21.44, lowerBoundMs: 21.4, gapPercent: 0.2, inForce: true }
  expect(explainedText(known)).toBe(
    'best decision known 21.4 ms, none below 21.4 ms (gap 0.2 %), by what is learned',
  )
  expect(explainedText({ ...known, inForce: false })).toMatch(/; exploring now$/)
})

test('a bound that was undercut is none', () => {
  const known = { responseTimeMs: 22, lowerBoundMs: 22, gapPercent: 0, inForce: true }
  expect(explainedText(known, 22)).toContain('none below 22.0 ms')
  expect(explainedText(known, 19)).toBe(
    'best decision known 22.0 ms by what is learned, and the fleet is quicker than that: no bound',
  )
})

test('a decision is shown with what the newest round under its goal took, and a bound only above that', () => {
  const explanation = { responseTimeMs: 22, lowerBoundMs: 22, gapPercent: 0, inForce: true }
  const closed = { goalPercent: 85, responseTimeMs: 19 }
  const joint = { goalPercent: 85, explanation, closed } as JointDecision
  expect(certifiedTexts(joint)).toEqual([
    'the newest round took 19.0 ms on average',
    'best decision known 22.0 ms by what is learned, and the fleet is quicker than that: no bound',
  ])
  // Under another goal the fleet may well have been quicker.
  expect(certifiedTexts({ ...joint, goalPercent: 90 })).toEqual([
    'best decision known 22.0 ms, none below 22.0 ms (gap 0.0 %), by what is learned',
  ])
  expect(certifiedTexts({ goalPercent: 85 } as JointDecision)).toEqual([])
})

test('a shadow is faster or slower, by a judge whose error is told', () => {
  const score = {
    agent: 'hybrid',
    rounds: 40,
    agreementPercent: 12.5,
    savingPercent: 3.25,
    judgeErrorPercent: 5,
    goalViolations: 1,
  }
  expect(shadowText(score)).toBe(
    'shadow hybrid: same decision in 13 % of 40 rounds, 3.3 % faster by a prediction that misses by 5.0 %, 1 decisions below the goal',
  )
  expect(shadowText({ ...score, savingPercent: -3.25 })).toContain('3.3 % slower')
})

test('what labels say has its interval', () => {
  expect(measuredText({ labelled: 100, right: 50 })).toBe(
    'right by labels: 50.0 % of 100 answers (95 % interval 40.4 to 59.6 %)',
  )
})

test('devices are told with their floors, and those that nothing may serve at theirs', () => {
  const placements = { 'camera-1': 'end/d7', 'camera-2': 'edge/d0' }
  const floors = new Map([
    ['camera-2', 85],
    ['camera-3', 99.5],
  ])
  expect(devicesText({ placements }, floors)).toEqual([
    '  camera-1  end/d7',
    '  camera-2  edge/d0, floor 85 %',
    '  camera-3  no decision, floor 99.5 %',
  ])
  // Who is left out of the summary may well have a decision.
  expect(devicesText({ placements, leftOut: 7 }, floors)).toEqual([
    '  camera-1  end/d7',
    '  camera-2  edge/d0, floor 85 %',
    '  and 7 more',
  ])
})

test('a device with a goal of its own is told with how it is kept', () => {
  const served = { requests: 120, accuracyPercent: 88.4, windowSeconds: 60 }
  const deviceGoals = {
    a: { goalPercent: 88, served },
    b: { goalPercent: 92, raisedGoalPercent: 93, reachablePercent: 89.9 },
  }
  const placements = { a: 'edge/d0', b: 'end/d0' }
  expect(devicesText({ placements, deviceGoals }, new Map([['b', 80]]))).toEqual([
    '  a  edge/d0, own goal 88 %, served 88.40 % over 120 requests',
    '  b  end/d0, floor 80 %, own goal 92 %, nothing served lately, held to 93 % for it, cannot be kept: 89.9 % at most',
  ])
})
