import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { observationOf } from '../example-node.fixture.ts'
import {
  createLearnedNetwork,
  type LearnedNetwork,
  networkShape,
} from '../learned/network/learned-network.ts'
import { initialParameters, parameterCount, parameterViews } from '../learned/network/shape.ts'
import { RATE_WINDOWS } from '../observation.ts'
import { describePolicy, type PolicySetup } from '../scheduling-policy.conformance.ts'
import { anticipatingFit } from './anticipating-fit.ts'
import { FORBIDDEN, NetworkPolicy, networkPolicy } from './network.ts'

interface Design {
  readonly frames?: number
  readonly recurrent?: number
  readonly priorLogit?: number
}

/** Of random weights whose logits are of the size of 1. */
function randomNetwork(
  { times, workers, deadlineMs }: Omit<PolicySetup, 'ladder'>,
  { frames = 1, recurrent = 0, priorLogit = 0 }: Design,
): LearnedNetwork {
  const node = { variants: times.variants, batches: times.batches, workers, windows: 4 }
  const design = { node, deadlineMs, frames, recurrent, hidden: 16 }
  const parameters = Array.from(initialParameters(networkShape(design), new Random(1), 1))
  return createLearnedNetwork({ ...design, trainedBy: 'chance', priorLogit, parameters })
}

const designs: [string, Design][] = [
  ['feed-forward network', {}],
  ['network with stacked history', { frames: 4 }],
  ['recurrent network', { recurrent: 8 }],
]
for (const [name, design] of designs) {
  describePolicy(name, (setup) => networkPolicy(randomNetwork(setup, design), setup), {
    batches: true,
  })
}

const seen = observationOf({ slacksMs: [4, 6, 8, 10, 12] })
const here = { times: seen.times, workers: 1, deadlineMs: 20 }

describe('a network that has learned nothing', () => {
  const nothing = (priorLogit: number, observation = seen): LearnedNetwork => {
    const network = randomNetwork({ ...here, times: observation.times }, { priorLogit })
    return { ...network, parameters: network.parameters.map(() => 0) }
  }

  it('does what uniform-fit does', () => {
    const policy = networkPolicy(nothing(3), here)
    for (let slackMs = 1; slackMs < 20; slackMs++) {
      const crowd = observationOf({ slacksMs: [slackMs, slackMs + 1, slackMs + 2] })
      expect(policy.decide(crowd)).toEqual(anticipatingFit().decide(crowd))
    }
  })

  it('gives up the head with uniform-fit where there are batches', () => {
    const slacksMs = [1.2, ...new Array(9).fill(6)]
    const crowd = observationOf({ slacksMs, batchSizes: [1, 2, 4] })
    expect(anticipatingFit().decide(crowd).kind).toBe('drop')
    const batching = { ...here, times: crowd.times }
    expect(networkPolicy(nothing(3, crowd), batching).decide(crowd).kind).toBe('drop')
  })
})

describe('NetworkPolicy', () => {
  it('follows its largest logit, against the prior too', () => {
    const network = randomNetwork(here, { priorLogit: 3 })
    const parameters = new Float32Array(parameterCount(networkShape(network)))
    parameterViews(networkShape(network), parameters).logitBias.set([2.9, 0, 0, 0, 0])
    const decide = () =>
      networkPolicy({ ...network, parameters: [...parameters] }, here).decide(seen)
    expect(decide()).toMatchObject({ kind: 'serve', variant: 1 })
    parameterViews(networkShape(network), parameters).logitBias.set([3.1, 0, 0, 0, 0])
    expect(decide()).toMatchObject({ kind: 'serve', variant: 0 })
  })

  it('never waits, nor drops where there are no batches', () => {
    const policy = new NetworkPolicy(randomNetwork(here, {}))
    policy.see(seen)
    expect([...policy.offsets]).toEqual([0, 0, 0, FORBIDDEN, FORBIDDEN])
  })

  it('may drop where there are batches and somebody waits behind', () => {
    const offsetsOf = (slacksMs: readonly number[]) => {
      const observation = observationOf({ slacksMs, batchSizes: [1, 2] })
      const policy = new NetworkPolicy(randomNetwork({ ...here, times: observation.times }, {}))
      policy.see(observation)
      return [...policy.offsets]
    }
    // Serve by each of three variants, one or two at a time; drop; wait.
    const [no, yes] = [FORBIDDEN, 0]
    expect(offsetsOf([9, 9])).toEqual([yes, yes, yes, yes, yes, yes, yes, no])
    expect(offsetsOf([9])).toEqual([yes, no, yes, no, yes, no, no, no])
  })

  it('sees the newest frame first and forgets the oldest', () => {
    const policy = new NetworkPolicy(randomNetwork(here, { frames: 2 }))
    const { features } = policy.shape
    const lengths = [1, 2, 3].map((queued) => {
      policy.see(observationOf({ slacksMs: new Array(queued).fill(9) }))
      return [policy.input[0], policy.input[features]]
    })
    const lengthOf = (queued: number) => expect.closeTo(Math.log1p(queued) / 4, 5)
    expect(lengths).toEqual([
      [lengthOf(1), 0],
      [lengthOf(2), lengthOf(1)],
      [lengthOf(3), lengthOf(2)],
    ])
  })

  it('forgets all when nothing is restored', () => {
    const network = randomNetwork(here, { frames: 2, recurrent: 3 })
    const policy = networkPolicy(network, here)
    policy.decide(seen)
    expect(policy.save()).not.toEqual(networkPolicy(network, here).save())
    policy.restore(undefined)
    expect(policy.save()).toEqual(networkPolicy(network, here).save())
  })

  it('refuses the memory of another shape', () => {
    const saved = networkPolicy(randomNetwork(here, { frames: 2 }), here).save()
    const other = networkPolicy(randomNetwork(here, { frames: 3 }), here)
    expect(() => other.restore(saved)).toThrow('cannot restore')
  })

  it('refuses a network for another node', () => {
    const network = randomNetwork(here, {})
    expect(() => networkPolicy(network, { ...here, workers: 4 })).toThrow(
      'trained for 1 workers, this node has 4',
    )
    const { times } = observationOf({ slacksMs: [9], batchSizes: [1, 2] })
    expect(() => networkPolicy(network, { ...here, times })).toThrow('--max-batch 1')
    expect(network.node.windows).toBe(RATE_WINDOWS.length)
  })
})
