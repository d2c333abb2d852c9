import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { networkPolicy } from '../policies/network.ts'
import { ServiceTimes } from '../service-times.ts'
import { accuracyOnPairs, finish, PAIRS_NODE, pairs } from './pairs.fixture.ts'
import { trainByPolicyOptimisation } from './policy-optimisation.ts'

const times = new ServiceTimes(PAIRS_NODE.ladder)
const small = {
  rounds: 25,
  environments: 8,
  length: 64,
  requests: 200,
  hidden: 16,
  draw: pairs,
}

describe('training by policy optimisation', () => {
  it.each([
    ['a feed-forward network', {}],
    ['stacked history', { frames: 3 }],
    ['recurrent units', { recurrent: 8 }],
  ])('teaches %s the best policy where uniform-fit is far from it', (_, design) => {
    const training = trainByPolicyOptimisation(PAIRS_NODE, new Random(1), { ...small, ...design })
    const policy = networkPolicy(finish(training), { times, workers: 1 })
    expect(accuracyOnPairs(policy)).toBeGreaterThan(79)
  })

  it('replays from its seed', () => {
    const few = { ...small, rounds: 2 }
    const first = finish(trainByPolicyOptimisation(PAIRS_NODE, new Random(2), few))
    expect(finish(trainByPolicyOptimisation(PAIRS_NODE, new Random(2), few))).toEqual(first)
    expect(finish(trainByPolicyOptimisation(PAIRS_NODE, new Random(3), few))).not.toEqual(first)
  })

  it('earns more as it goes on', () => {
    const rounds = [...trainByPolicyOptimisation(PAIRS_NODE, new Random(4), small)]
    const meanOf = (some: typeof rounds) =>
      some.reduce((sum, { objective }) => sum + objective, 0) / some.length
    expect(rounds.at(-1)?.decisions).toBe(25 * 8 * 64)
    expect(meanOf(rounds.slice(-5))).toBeGreaterThan(meanOf(rounds.slice(0, 5)) + 0.1)
  })

  it('refuses a length that leaves sequences unfinished', () => {
    const odd = { ...small, recurrent: 4, length: 40 }
    expect(() => finish(trainByPolicyOptimisation(PAIRS_NODE, new Random(1), odd))).toThrow(
      'length 40 is no multiple of 16',
    )
  })
})
