import { expect, test } from 'vitest'
import { boundOf } from './policy-outcome.ts'
import { requestsOf } from './serving-node.ts'
import { node } from './small-node.fixture.ts'

test('the bound: by hand, with true times, for one worker', () => {
  // 4 + 4 + 1 ms are within 10 ms; twice as slow, 8 + 1 · 2 are for two of them.
  const three = requestsOf([0, 0, 0], 10)
  expect(boundOf(node, three)).toBeCloseTo((80 + 80 + 50) / 3, 5)
  expect(boundOf({ ...node, slowdown: 2 }, three)).toBeCloseTo(150 / 3, 5)
  expect(boundOf({ ...node, workers: 2 }, three)).toBeUndefined()
})
