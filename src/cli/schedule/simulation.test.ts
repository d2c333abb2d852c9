import { expect, test } from 'vitest'
import { createLadder } from '../../scheduling/ladder.ts'
import { largest } from '../../scheduling/policies/fixed.ts'
import { boundOf } from '../../simulation/node/policy-outcome.ts'
import { requestsOf } from '../../simulation/node/serving-node.ts'
import { outcomeOf, simulateNode } from './simulation.ts'

const ladder = createLadder([
  { name: 'small', accuracyPercent: 50, serviceTimesMs: [1] },
  { name: 'large', accuracyPercent: 80, serviceTimesMs: [4] },
])
const node = { ladder, workers: 1, deadlineMs: 10 }
const options = { seed: 1, signal: new AbortController().signal }

test('one after another: two are in time, the third is not', async () => {
  // Of 4 ms each, planned for 4.24: done at 4, at 8, and a third would be at 12.
  const tally = await simulateNode(largest(), node, requestsOf([0, 0, 0], 10), options)
  expect([...(tally?.onTime ?? [])]).toEqual([0, 2])
  expect(tally?.violationPercent).toBeCloseTo(100 / 3)
})

test('many decisions are made in slices, between which it can be aborted', async () => {
  const arrivalsMs = Array.from({ length: 60_000 }, (_, index) => 20 * index)
  const requests = requestsOf(arrivalsMs, 10)
  const aborted = new AbortController()
  const running = simulateNode(largest(), node, requests, { ...options, signal: aborted.signal })
  aborted.abort()
  expect(await running).toBeUndefined()
  const tally = await simulateNode(largest(), node, requests, options)
  expect(tally?.settled).toBe(60_000)
})

test('an outcome counts every request once, in total and over time', async () => {
  const outcome = await outcomeOf('largest', node, requestsOf([0, 0, 0, 100], 10), options)
  expect(outcome).toMatchObject({
    policy: 'largest',
    effectiveAccuracyPercent: 60,
    servedAccuracyPercent: 80,
    violationPercent: 25,
    onTime: { small: 0, large: 3 },
    switches: 0,
  })
  const timeline = outcome?.timeline ?? []
  expect(timeline.reduce((sum, { onTime }) => sum + (onTime[1] ?? 0), 0)).toBe(3)
  expect(timeline.reduce((sum, { violations }) => sum + violations, 0)).toBe(1)
})

test('nothing in time has no accuracy to tell', async () => {
  const late = { ...node, slowdown: 10, recalibrate: false }
  const outcome = await outcomeOf('largest', late, requestsOf([0], 10), options)
  expect(outcome).toMatchObject({
    effectiveAccuracyPercent: 0,
    servedAccuracyPercent: null,
    late: 1,
  })
})

test('the bound: by hand, with true times, for one worker', () => {
  // 4 + 4 + 1 ms are within 10 ms; twice as slow, 8 + 1 · 2 are for two of them.
  const three = requestsOf([0, 0, 0], 10)
  expect(boundOf(node, three)).toBeCloseTo((80 + 80 + 50) / 3, 5)
  expect(boundOf({ ...node, slowdown: 2 }, three)).toBeCloseTo(150 / 3, 5)
  expect(boundOf({ ...node, workers: 2 }, three)).toBeUndefined()
})
