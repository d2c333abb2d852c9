import { expect, it } from 'vitest'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import { ServiceTimes } from '../service-times.ts'
import { Jellyfish } from './jellyfish.ts'

/** Periods of 100 services of 4 ms; limits of 900, 450 and 225 a second at 90 % of 1, 2 and 4 ms. */
function jellyfish({ deadlineMs = 20, workers = 1, batchSizes = [1] } = {}): Jellyfish {
  const times = new ServiceTimes(exampleLadder(batchSizes), { margin: 1 })
  return new Jellyfish({ times, workers, deadlineMs })
}

const at = (policy: Jellyfish, nowMs: number, arrivals: number) => {
  const action = policy.decide(observationOf({ slacksMs: [20], nowMs, arrivals }))
  return action.kind === 'serve' ? action.variant : action.kind
}

it('serves with the smallest until it has seen a period', () => {
  expect(at(jellyfish(), 399, 1)).toBe(0)
})

it.each([
  [90, 2],
  [91, 1],
  [180, 1],
  [181, 0],
  [5000, 0],
])('after %d arrivals in 0.4 s chooses variant %d', (arrivals, variant) => {
  expect(at(jellyfish(), 400, arrivals)).toBe(variant)
})

it('keeps to its choice for a period, then judges that period alone', () => {
  const policy = jellyfish()
  expect(at(policy, 400, 50)).toBe(2)
  expect(at(policy, 799, 1000)).toBe(2)
  expect(at(policy, 800, 1000)).toBe(0)
  expect(at(policy, 1200, 1010)).toBe(2)
})

it('counts on all workers, and on the best batch that takes at most half the deadline', () => {
  expect(at(jellyfish({ workers: 2 }), 400, 180)).toBe(2)
  // Three of the largest in 8 ms: 337 a second.
  expect(at(jellyfish({ batchSizes: [1, 3] }), 400, 134)).toBe(2)
  expect(at(jellyfish({ batchSizes: [1, 3], deadlineMs: 15 }), 400, 134)).toBe(1)
  expect(at(jellyfish({ deadlineMs: 7 }), 400, 0)).toBe(1)
})

it('starts a new period when the clock it was restored under has started anew', () => {
  const policy = jellyfish()
  policy.restore({ startMs: 1e6, arrivals: 9e9, variant: 1 })
  expect(at(policy, 100, 10)).toBe(1)
  expect(policy.save()).toEqual({ startMs: 100, arrivals: 10, variant: 1 })
})

it('refuses a variant that this ladder does not have', () => {
  const saved = { startMs: 0, arrivals: 0, variant: 3 }
  expect(() => jellyfish().restore(saved)).toThrow('cannot restore')
})
