import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { observationOf } from '../example-node.fixture.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { Experience } from './experience.ts'
import { createLearnedNetwork, networkShape } from './network/learned-network.ts'
import { initialParameters } from './network/shape.ts'
import { policyGradientLoss } from './policy-gradient-loss.ts'
import { feedsOf } from './trained-network.ts'

function policyOf(recurrent: number): NetworkPolicy {
  const node = { variants: 3, batches: 1, workers: 1, windows: 4 }
  const design = { node, deadlineMs: 20, frames: 1, recurrent, hidden: 4 }
  const parameters = [...initialParameters(networkShape(design), new Random(1))]
  const network = createLearnedNetwork({ ...design, trainedBy: 'x', priorLogit: 0, parameters })
  return new NetworkPolicy(network)
}

/** One environment after another, decision by decision; what is read of the given sequences. */
function read(
  { environments = 1, steps = 1, recurrent = 0 },
  taken: readonly { value: number; reward: number; settled: number; ended?: boolean }[],
  nextValue: number,
  chosen: readonly number[],
) {
  const policy = policyOf(recurrent)
  const length = taken.length / environments
  const experience = new Experience(policy, environments, length, steps)
  for (const [row, { value, reward, settled, ended = false }] of taken.entries()) {
    policy.see(observationOf({ slacksMs: new Array(row + 1).fill(9) }))
    const state = new Float64Array(recurrent).fill(row)
    experience.decided(row, policy, state, { index: row % 3, logProbability: -row, value })
    experience.became(row, { reward, settled, ended })
  }
  for (let index = 0; index < environments; index++) experience.finish(index, nextValue)
  const { shape } = policy
  const critic = { ...shape, recurrent: 0, actions: 1 }
  const sequences = chosen.length
  const feeds = feedsOf(policyGradientLoss({ actor: shape, critic, sequences, steps }))
  experience.read(Uint32Array.from(chosen), feeds)
  return { feeds, experience, shape }
}

describe('Experience', () => {
  it('works out returns by generalised advantage estimation, with a discount by request', () => {
    const taken = [
      { value: 1, reward: -10, settled: 1 },
      { value: 2, reward: -20, settled: 3 },
    ]
    const { feeds } = read({}, taken, 4, [0, 1])
    // Rewards are scaled by 0.1; γ = 0.99, λ = 0.9.
    const second = -2 + 0.99 ** 3 * 4 - 2
    const first = -1 + 0.99 * 2 - 1 + 0.99 * 0.9 * second
    expect(feeds.returns[1]).toBeCloseTo(2 + second, 5)
    expect(feeds.returns[0]).toBeCloseTo(1 + first, 5)
  })

  it('expects nothing after the end of a workload', () => {
    const taken = [
      { value: 1, reward: -10, settled: 1, ended: true },
      { value: 2, reward: 0, settled: 1 },
    ]
    const { feeds } = read({}, taken, 100, [0, 1])
    expect(feeds.returns[0]).toBeCloseTo(-1, 6)
  })

  it('gives the advantages of each environment mean 0 and deviation 1', () => {
    const random = new Random(2)
    const taken = Array.from({ length: 20 }, (_, row) => {
      const scale = row < 10 ? 1 : 1000
      return { value: 0, reward: scale * random.normal(), settled: 1 }
    })
    const { feeds } = read({ environments: 2 }, taken, 0, [...taken.keys()])
    for (const first of [0, 10]) {
      const advantages = [...feeds.advantages.subarray(first, first + 10)]
      const mean = advantages.reduce((sum, a) => sum + a, 0) / 10
      const variance = advantages.reduce((sum, a) => sum + (a - mean) ** 2, 0) / 10
      expect(mean).toBeCloseTo(0, 5)
      expect(variance).toBeCloseTo(1, 3)
    }
  })

  it('gives out sequences step by step under each other', () => {
    const taken = Array.from({ length: 6 }, () => ({ value: 0, reward: 0, settled: 1 }))
    const { feeds, shape } = read({ steps: 2, recurrent: 3 }, taken, 0, [2, 0])
    // Sequence 2 is decisions 4 and 5, sequence 0 decisions 0 and 1.
    expect([...feeds.oldLogProbability]).toEqual([-4, -0, -5, -1])
    expect([...feeds.states]).toEqual([4, 4, 4, 0, 0, 0])
    const lengths = [0, 1, 2, 3].map((row) => feeds.inputs[row * shape.features])
    const queued = lengths.map((feature) => Math.round(Math.expm1(4 * feature)))
    expect(queued).toEqual([5, 1, 6, 2])
    const rows = [0, 1, 2, 3].map((row) => feeds.chosen.subarray(row * 5, row * 5 + 5))
    expect(rows.map((row) => row.indexOf(1))).toEqual([1, 0, 2, 1])
    expect(rows.map((row) => row.reduce((sum, x) => sum + x, 0))).toEqual([1, 1, 1, 1])
  })

  it('tells the mean reward as it was given', () => {
    const taken = [-1, -2, 0, 1].map((reward) => ({ value: 0, reward, settled: 1 }))
    expect(read({}, taken, 0, [0]).experience.meanReward).toBeCloseTo(-0.5, 6)
  })
})
