import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { networkPolicy } from '../policies/network.ts'
import { uniformFitDrop } from '../policies/uniform-fit.ts'
import { ServiceTimes } from '../service-times.ts'
import { trainByHindsight, trainByRollOuts } from './advantage-training.ts'
import { parseLearnedNetwork } from './network/learned-network.ts'
import { accuracyOnPairs, finish, PAIRS_NODE, pairs } from './pairs.fixture.ts'

const times = new ServiceTimes(PAIRS_NODE.ladder)
const small = { rounds: 2, decisions: 600, steps: 80, requests: 200, hidden: 16, draw: pairs }
const trainers = [
  ['hindsight', trainByHindsight],
  ['roll-outs', trainByRollOuts],
] as const

describe.each(trainers)('training by %s', (_, train) => {
  it.each([
    ['a feed-forward network', {}],
    ['stacked history', { frames: 3 }],
    ['recurrent units', { recurrent: 8 }],
  ])('teaches %s the best policy where uniform-fit is far from it', (_, design) => {
    const network = finish(train(PAIRS_NODE, new Random(1), { ...small, ...design }))
    expect(accuracyOnPairs(uniformFitDrop())).toBeLessThan(60)
    const kept = parseLearnedNetwork(JSON.parse(JSON.stringify(network)))
    expect(accuracyOnPairs(networkPolicy(kept, { times, workers: 1 }))).toBeGreaterThan(79)
  })

  it('replays from its seed', () => {
    const few = { ...small, rounds: 2, steps: 5 }
    const first = finish(train(PAIRS_NODE, new Random(2), few))
    expect(finish(train(PAIRS_NODE, new Random(2), few))).toEqual(first)
    expect(finish(train(PAIRS_NODE, new Random(3), few))).not.toEqual(first)
  })

  it('learns the same where the arrival rate does not matter and is not told', () => {
    for (const rateKnowledge of ['none', 'true'] as const) {
      const network = finish(train(PAIRS_NODE, new Random(1), { ...small, rateKnowledge }))
      const policy = networkPolicy(network, { times, workers: 1 })
      const known = rateKnowledge === 'none' ? rateKnowledge : undefined
      expect(accuracyOnPairs(policy, known)).toBeGreaterThan(79)
    }
  })

  it('tells how far it is', () => {
    const rounds = [...train(PAIRS_NODE, new Random(4), { ...small, rounds: 2, steps: 5 })]
    expect(rounds.map(({ round, rounds }) => [round, rounds])).toEqual([
      [1, 2],
      [2, 2],
    ])
    expect(rounds[1]?.decisions).toBeGreaterThanOrEqual(1200)
    expect(rounds[1]?.objective).toBeLessThan(0)
  })
})

describe('training by hindsight', () => {
  it('is for one worker', () => {
    const node = { ...PAIRS_NODE, workers: 4 }
    expect(() => trainByHindsight(node, new Random(1))).toThrow('one worker, not 4')
  })
})

describe('training by roll-outs', () => {
  it('takes any number of workers, and draws from the training mix', () => {
    const node = { ...PAIRS_NODE, workers: 2 }
    const few = { rounds: 1, decisions: 600, steps: 5, requests: 300 }
    const network = finish(trainByRollOuts(node, new Random(1), few))
    expect(network.node).toMatchObject({ workers: 2, variants: 3 })
    expect(network.trainedBy).toBe('roll-outs')
  })
})
