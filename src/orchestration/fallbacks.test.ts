import { expect, it } from 'vitest'
import { choices } from './fake-fleet.fixture.ts'
import { fallbacksOf } from './fallbacks.ts'

/** end/d0 89.9, end/d4 88.9, end/d7 72.8, edge/d0, cloud/d0. */
const ALL = [true, true, true, true, true]
const SMALL = [false, false, true, true, true]
const CLIENT = [false, false, false, true, true]

const shared = { problem: { choices }, deviceGoals: {} }

function fallbacks(available: readonly boolean[][], decision: number[], goalPercent: number) {
  const devices = ['one', 'two']
  return fallbacksOf({ ...shared, devices, serving: available, decision, goalPercent })
}

it('shares the slack among devices that hold what it takes', () => {
  expect(fallbacks([ALL, ALL], [3, 3], 85)).toEqual({ leastPercent: [85, 85] })
})

it('gives what is left to the others where a device can fall back to little', () => {
  // Slack 2 · 4.9 = 9.8; the second takes 17.1 of it.
  expect(fallbacks([ALL, SMALL], [3, 3], 80)).toEqual({ leastPercent: [87.2, 72.8] })
})

it('says which devices would break the goal', () => {
  const { leastPercent, risk } = fallbacks([ALL, SMALL], [3, 3], 85)
  expect(leastPercent).toEqual([89.9, 72.8])
  expect(risk).toMatch(/goal of 85 % breaks if requests of two fall back/)
  // What is not sent away does not fall back.
  expect(fallbacks([ALL, SMALL], [3, 2], 80)).not.toHaveProperty('risk')
})

it('lets a device that holds nothing fall back to the other tier', () => {
  expect(fallbacks([ALL, CLIENT], [0, 3], 89)).toEqual({ leastPercent: [89.9, 88.1] })
  // And an answer that does not come has no accuracy.
  const cut = CLIENT.with(4, false)
  expect(fallbacks([ALL, cut], [0, 3], 89)).not.toHaveProperty('risk')
})

it('lets what escalates fall back to its first answer alone', () => {
  const [, , small] = choices
  if (!small) throw new Error('the fixture has no third choice')
  const to = { tier: 'edge' as const, variant: 'd0' }
  const cascade = { ...small, accuracyPercent: 88, escalation: { to, margin: 0.5, share: 0.2 } }
  const decided = {
    ...shared,
    problem: { choices: [...choices, cascade] },
    devices: ['one'],
    serving: [[...ALL, true]],
    decision: [5],
  }
  expect(fallbacksOf({ ...decided, goalPercent: 70 }).leastPercent).toEqual([70])
  const { leastPercent, risk } = fallbacksOf({ ...decided, goalPercent: 85 })
  expect(leastPercent).toEqual([72.8])
  expect(risk).toMatch(/requests of one fall back/)
})

it('says where a goal of one device would break, although that of the fleet holds', () => {
  const decided = { ...shared, devices: ['one', 'two'], serving: [ALL, SMALL], decision: [3, 3] }
  const riskWith = (two: number) =>
    fallbacksOf({ ...decided, goalPercent: 70, deviceGoals: { two: { goalPercent: two } } }).risk
  expect(riskWith(72.8)).toBeUndefined()
  expect(riskWith(80)).toMatch(/^their own goal breaks if requests of two fall back/)
})
