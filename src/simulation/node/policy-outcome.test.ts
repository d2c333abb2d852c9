import { expect, test } from 'vitest'
import { largest } from '../../scheduling/policies/rules.ts'
import { boundOf } from './policy-outcome.ts'
import { requestsOf } from './serving-node.ts'
import { simulateNode } from './simulate-node.ts'
import { node, options } from './small-node.fixture.ts'

test('the bound: by hand, with true times, for one worker', () => {
  // 4 + 4 + 1 ms are within 10 ms; twice as slow, 8 + 1 · 2 are for two of them.
  const three = requestsOf([0, 0, 0], 10)
  const boundWith = (changed: object) => boundOf({ ...node, noise: 0, ...changed }, three, 1)
  const exactly = (percent: number) => ({ lowPercent: percent, highPercent: percent })
  expect(boundWith({})).toEqual(exactly((80 + 80 + 50) / 3))
  expect(boundWith({ slowdown: 2 })).toEqual(exactly(150 / 3))
  expect(boundWith({ workers: 2 })).toBeUndefined()
})

test('the bound knows how long each service takes', async () => {
  // The second request has 4.05 ms for the large variant: it depends on its luck.
  const requests = requestsOf([0, 20], 4.05)
  const tight = { ...node, deadlineMs: 4.05, margin: 1, recalibrate: false }
  const seen = new Set<number>()
  for (let seed = 1; seed <= 12; seed++) {
    const tally = await simulateNode(largest(), tight, requests, { ...options, seed })
    const bound = boundOf(tight, requests, seed)
    expect(bound?.highPercent).toBeGreaterThanOrEqual(tally?.effectiveAccuracyPercent ?? 100)
    seen.add(bound?.highPercent ?? 0)
  }
  expect([...seen].sort()).toEqual([50, 65, 80])
})
