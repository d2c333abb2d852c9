import { expect, it } from 'vitest'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import { ServiceTimes } from '../service-times.ts'
import { createPolicy, DEFAULT_POLICY, POLICY_NAMES } from './create.ts'

const node = { times: new ServiceTimes(exampleLadder()), workers: 1, deadlineMs: 20 }

it.each(POLICY_NAMES.filter((name) => name !== 'adaptive-smdp'))('creates %s', (name) => {
  const policy = createPolicy(name, node)
  expect(policy.name).toBe(name)
  expect(policy.decide(observationOf({ slacksMs: [20] })).kind).toBe('serve')
})

it('has a default among them', () => {
  expect(POLICY_NAMES).toContain(DEFAULT_POLICY)
})

it('gives Model-Switching the profile of this node', () => {
  const policy = createPolicy('model-switching', node)
  const at = (ratePerS: number) =>
    policy.decide(
      observationOf({ slacksMs: [20], arrivalRatesPerS: Float64Array.of(0, 0, 0, ratePerS) }),
    )
  // The variants of 1.06, 2.12 and 4.24 ms carry at most 943, 471 and 235 a second.
  expect(at(100)).toMatchObject({ variant: 2 })
  expect(at(235)).toMatchObject({ variant: 1 })
  expect(at(471)).toMatchObject({ variant: 0 })
})

it('refuses another name, naming those there are', () => {
  expect(() => createPolicy('best', node)).toThrow('choose one of largest, smallest')
})

it('refuses a table for a ladder with batches before solving it', () => {
  const batches = { ...node, times: new ServiceTimes(exampleLadder([1, 2])) }
  expect(() => createPolicy('adaptive-smdp', batches)).toThrow('batch sizes [1]')
})
