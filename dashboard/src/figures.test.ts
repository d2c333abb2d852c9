import { expect, test } from 'vitest'
import type { Overview } from '../../src/views/schemas.ts'
import { concernsOf } from './attention.ts'
import { accuracyMargin, certifiedGap, oracleGap, requestRate, savingOf } from './figures.ts'

const byTier = { end: 0, edge: 0, cloud: 0 }
const decided: NonNullable<Overview['decided']> = {
  ...{ agent: 'factored', round: 3, accuracyPercent: 89, goalViolations: 0, closedRounds: 2 },
  progress: { realSteps: 2, plannedSteps: 0, updates: 0 },
  believed: { responseTimeMs: 100, lowerBoundMs: 98, gapPercent: 2, inForce: true },
  served: { requests: 10, accuracyPercent: 88.996, windowSeconds: 60 },
}
const fleet: Overview = {
  ...{ atMs: 100_000, sinceMs: 0, mode: 'pushed', requests: 10, failed: 0, nodes: [], events: [] },
  inForce: { goalPercent: 89, agent: 'factored' },
  decided,
  traffic: { windowSeconds: 60, requests: 30, failed: 0, meanMs: 100, byTier },
  devices: [{ name: 'camera-1', health: 'ready', isFailing: false, byTier }],
}
const report: NonNullable<Overview['report']> = {
  ...{ goalPercent: 89, agent: 'factored', rounds: 9, requests: 9, failedRequests: 0, seconds: 9 },
  ...{ lastMs: 50, oracleMs: 40, goalViolations: 0, text: '' },
  strategies: [
    { name: 'end/d7', responseTimeMs: 10, accuracyPercent: 70, meetsGoal: false },
    { name: 'end/d0', responseTimeMs: 100, accuracyPercent: 90, meetsGoal: true },
    { name: 'edge/d0', responseTimeMs: 80, accuracyPercent: 90, meetsGoal: true },
  ],
}
const withBelief = (change: Partial<NonNullable<typeof decided.believed>>): Overview => ({
  ...fleet,
  decided: { ...decided, believed: { ...decided.believed, ...change } as never },
})

test('what is saved is told against the best fixed strategy that keeps the goal', () => {
  expect(savingOf(fleet)).toBeUndefined()
  const bestFixed = { choice: 'end/d0', responseTimeMs: 200 }
  expect(savingOf({ ...fleet, bestFixed })).toMatchObject({ percent: 50, source: 'predicted' })
  expect(savingOf({ ...fleet, report })).toMatchObject({
    ...{ percent: 37.5, bestFixed: 'edge/d0', source: 'measured' },
  })
  expect(oracleGap(report)).toBe(25)
})

test('a gap is certified only where what was measured bears it out', () => {
  expect(certifiedGap(fleet)).toBe(2)
  expect(certifiedGap(withBelief({ gapPercent: -1.4e-14 }))).toBe(0)
  expect(certifiedGap(withBelief({ inForce: false }))).toBeUndefined()
  expect(certifiedGap(withBelief({ lowerBoundMs: 101 }))).toBeUndefined()
  expect(certifiedGap(withBelief({ responseTimeMs: 120 }))).toBeUndefined()
  const nothingLearned = { realSteps: 0, plannedSteps: 0, updates: 0 }
  const before = { ...fleet, decided: { ...decided, progress: nothingLearned } }
  expect(certifiedGap(before)).toBeUndefined()
  const { meanMs: _, ...traffic } = fleet.traffic
  expect(certifiedGap({ ...fleet, traffic })).toBeUndefined()
})

test('the goal is kept to hundredths of a percent', () => {
  expect(accuracyMargin(fleet)).toBe(0)
  const { served: _, ...unserved } = decided
  expect(accuracyMargin({ ...fleet, decided: unserved })).toBeUndefined()
})

test('a rate is of the window, or of the time there was', () => {
  expect(requestRate(fleet)).toBe(0.5)
  expect(requestRate({ ...fleet, sinceMs: 90_000 })).toBe(3)
  expect(requestRate({ ...fleet, traffic: { ...fleet.traffic, requests: 0 } })).toBeUndefined()
})

test('where all is well nothing needs anybody', () => {
  expect(concernsOf(fleet)).toEqual([])
})

test('what needs somebody comes before what is worth a look, and a run that has ended needs nobody', () => {
  const [device] = fleet.devices
  const troubled: Overview = {
    ...fleet,
    inForce: {
      ...{ goalPercent: 90, agent: 'factored', reverted: 'too slow' },
      refusedWish: { accuracyPercent: 99, reason: 'out of reach' },
    },
    nodes: [{ name: 'edge', tier: 'edge', health: 'silent' }],
    devices: ['down', 'down', 'ready'].map((health, index) => ({
      ...{ ...device, name: `camera-${index}`, health, isFailing: false, byTier },
      ...(index === 2 && { fellBackTo: 'end/d7' }),
    })) as Overview['devices'],
  }
  const concerns = concernsOf(troubled)
  expect(concerns.map(({ level }) => level)).toEqual(['bad', 'bad', 'bad', 'warn', 'warn', 'warn'])
  expect(concerns.map(({ text }) => text)).toEqual([
    'edge is silent: requests are served elsewhere',
    '2 devices cannot be reached',
    'Served 1.00 points less accurately than the goal',
    'A fixed rule is in the agent’s place: too slow',
    'A goal of 99 % was refused: out of reach. In force: 90 %',
    'camera-2 fell back: served elsewhere than decided',
  ])
  expect(concernsOf({ ...troubled, report })).toEqual([])
})
