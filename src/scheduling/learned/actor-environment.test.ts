import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { observationOf } from '../example-node.fixture.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { ActorEnvironment, sample } from './actor-environment.ts'
import { createLearnedNetwork, networkShape } from './network/learned-network.ts'
import { parameterCount, parameterViews } from './network/shape.ts'
import { PAIRS_NODE } from './pairs.fixture.ts'

// Variants of 1, 2 and 4 ms and 50, 80 and 100 %.
const node = { ...PAIRS_NODE, deadlineMs: 10 }

describe('ActorEnvironment', () => {
  const open = (
    arrivals: number[],
    options: { rateKnowledge?: 'none' | 'true' } = {},
    price = 0,
  ) => {
    const workload = {
      arrivalsMs: Float64Array.from(arrivals),
      rates: [{ durationMs: 100, ratePerS: 7 }],
      family: 'own',
    }
    return new ActorEnvironment(
      node,
      { violationPrice: price, ...options },
      () => workload,
      new Random(1),
    )
  }

  it('gives the regret of what has been settled until the next decision', () => {
    const world = open([0, 1, 100])
    const serve = (variant: number) => world.act(world.seen.actions.serve(variant, 0))
    expect(world.seen.queued).toBe(1)
    expect(serve(1)).toEqual({ reward: expect.closeTo(-0.2, 9), settled: 1, ended: false })
    expect(serve(0)).toEqual({ reward: -0.5, settled: 1, ended: false })
  })

  it('goes on with a new workload', () => {
    const world = open([5, 40])
    world.act(world.seen.actions.serve(2, 0))
    const last = world.act(world.seen.actions.serve(2, 0))
    expect(last).toEqual({ reward: 0, settled: 1, ended: true })
    expect(world.seen.nowMs).toBe(5)
  })

  it('charges what is dropped, with its price', () => {
    const world = open([0, 50], {}, 0.5)
    const outcome = world.act(world.seen.actions.drop)
    expect(outcome).toEqual({ reward: -1.5, settled: 1, ended: false })
  })

  it('tells of the arrival rate what may be known', () => {
    expect(open([5, 40]).seen.arrivalRatesPerS[3]).toBeGreaterThan(0)
    expect(open([5, 40], { rateKnowledge: 'none' }).seen.arrivalRatesPerS[3]).toBe(0)
    expect(open([5, 40], { rateKnowledge: 'true' }).seen.arrivalRatesPerS[3]).toBe(7)
  })

  it('counts what expires meanwhile', () => {
    // While the first is served for 4 ms, eleven come at once: not all can be in time.
    const world = open([0, ...new Array(15).fill(0.1)])
    let settled = 0
    let reward = 0
    for (let ended = false; !ended; ) {
      const outcome = world.act(world.seen.actions.serve(0, 0))
      settled += outcome.settled
      reward += outcome.reward
      ended = outcome.ended
    }
    expect(settled).toBe(16)
    expect(reward).toBeLessThan(-0.5 * 16)
  })
})

describe('sample', () => {
  const seen = observationOf({ slacksMs: [9, 9] })
  const design = {
    node: { variants: 3, batches: 1, workers: 1, windows: 4 },
    deadlineMs: 20,
    frames: 1,
    recurrent: 0,
    hidden: 2,
  }
  const shape = networkShape(design)
  const parameters = new Float32Array(parameterCount(shape))
  parameterViews(shape, parameters).logitBias.set([Math.log(1), Math.log(2), Math.log(5), 7, 7])
  const network = { ...design, trainedBy: 'x', priorLogit: 0, parameters: [...parameters] }
  const policy = new NetworkPolicy(createLearnedNetwork(network))

  it('draws by the probabilities of what is allowed', () => {
    const random = new Random(3)
    const counts = [0, 0, 0, 0, 0]
    for (let draw = 0; draw < 8000; draw++) {
      const { index } = sample(policy, seen, random).action
      counts[index] = counts[index] + 1
    }
    expect(counts.slice(3)).toEqual([0, 0])
    for (const [index, share] of [1 / 8, 2 / 8, 5 / 8].entries()) {
      expect(counts[index] / 8000).toBeCloseTo(share, 1)
    }
  })

  it('tells the probability of what it drew', () => {
    const random = new Random(4)
    for (let draw = 0; draw < 20; draw++) {
      const { action, logProbability } = sample(policy, seen, random)
      const share = [1, 2, 5][action.index]
      expect(logProbability).toBeCloseTo(Math.log(share / 8), 6)
    }
  })

  it('has no choice where one action is allowed', () => {
    const tight = observationOf({ slacksMs: [1.5, 1.6] })
    const { action, logProbability } = sample(policy, tight, new Random(5))
    expect(action).toMatchObject({ kind: 'serve', variant: 0 })
    expect(logProbability).toBeCloseTo(0, 9)
  })
})
