import { expect, test } from 'vitest'
import { requestsOf } from '../../simulation/node/serving-node.ts'
import { node, options } from '../../simulation/node/small-node.fixture.ts'
import { outcomeOf } from './outcome.ts'

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
