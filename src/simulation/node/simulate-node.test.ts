import { expect, test } from 'vitest'
import { largest } from '../../scheduling/policies/fixed.ts'
import { requestsOf } from './serving-node.ts'
import { simulateNode } from './simulate-node.ts'
import { node, options } from './small-node.fixture.ts'

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
