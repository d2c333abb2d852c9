import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import type { TrainingWorkload } from '../../simulation/workload/training-mix.ts'
import type { Ladder } from '../ladder.ts'
import { anticipatingFit } from '../policies/anticipating-fit.ts'
import { NetworkPolicy } from '../policies/network.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { trainByHindsight } from './advantage-training.ts'
import { isLeftToRule, settleLead } from './lead.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import { accuracyOnPairs, finish, PAIRS_NODE, pairs } from './pairs.fixture.ts'

const small = { rounds: 2, decisions: 600, steps: 80, requests: 200, hidden: 16, draw: pairs }
/** Three variants, drop and wait. */
const ACTIONS = 5
const options = { requests: 200, violationPrice: 0, draw: pairs }

let good: LearnedNetwork
beforeAll(() => {
  good = finish(trainByHindsight(PAIRS_NODE, new Random(1), small))
})

/** Requests far apart: uniform-fit serves each by the largest variant. */
function singles(requests: number): TrainingWorkload {
  const arrivalsMs = Float64Array.from({ length: requests }, (_, index) => 50 * index)
  return { arrivalsMs, rates: [{ durationMs: 50 * requests, ratePerS: 20 }], family: 'singles' }
}

/** Serves all by the smallest variant, so long as the rule's lead is below 20. */
function hasty(): LearnedNetwork {
  const parameters = good.parameters.map(() => 0)
  parameters[parameters.length - ACTIONS] = 20
  return { ...good, parameters, priorLogit: 0 }
}

describe('the lead of the rule', () => {
  it('stays as it was where the network is better', () => {
    const { leads, ...network } = settleLead(good, PAIRS_NODE, options, new Random(5))
    expect({ ...network, leads: good.leads }).toEqual(good)
    expect(leads).toContain(0)
  })

  it('leaves all to the rule where the network has learned what is wrong', () => {
    const settled = settleLead(hasty(), PAIRS_NODE, { ...options, draw: singles }, new Random(5))
    expect(settled).toEqual({ ...hasty(), leads: [1000, 1000, 1000, 1000] })
    expect([hasty(), settled].map(isLeftToRule)).toEqual([false, true])
    expect(accuracyOnPairs(new NetworkPolicy(settled))).toBe(accuracyOnPairs(anticipatingFit()))
  })

  it('stays whole in a regime where the network gains nothing', () => {
    const { leads = [] } = settleLead(good, PAIRS_NODE, options, new Random(5))
    // Pairs are bursts; nothing else ever comes.
    expect(leads.map((lead) => lead < 1000)).toEqual([false, false, true, false])
    const unsure = { ...hasty(), parameters: good.parameters.map(() => 0), priorLogit: 3 }
    expect(isLeftToRule(settleLead(unsure, PAIRS_NODE, options, new Random(5)))).toBe(true)
  })

  it('forbids what costs one family, whatever it gains in another', () => {
    // By the smallest variant every pair is in time; of singles half of the accuracy is lost.
    let draws = 0
    const both = (requests: number, random: Random) => {
      draws += 1
      return draws % 8 === 0 ? singles(requests) : pairs(requests, random)
    }
    const node = { ...PAIRS_NODE, deadlineMs: 4.1 }
    const settled = settleLead(hasty(), node, { ...options, draw: both }, new Random(5))
    const alone = (draw: typeof pairs) => {
      const { arrivalsMs } = draw(200, new Random(9))
      const requests = requestsOf(arrivalsMs, node.deadlineMs)
      const of = { ...node, requests, noise: 0, recalibrate: false }
      const run = (policy: SchedulingPolicy) =>
        new ServingNode({ ...of, random: new Random(1) }).run(policy).effectiveAccuracyPercent
      return run(new NetworkPolicy(settled)) - run(anticipatingFit())
    }
    expect(alone(singles)).toBeGreaterThanOrEqual(-0.05)
  })

  it('counts violations at their price', () => {
    // On pairs the smallest variant is always in time, the rule not before it has seen its choice fail.
    const { variants, ...ladder } = PAIRS_NODE.ladder
    const [smallest, ...others] = variants.map((variant) => ({ ...variant }))
    const node = {
      ...PAIRS_NODE,
      ladder: { ...ladder, variants: [{ ...smallest, accuracyPercent: 40 }, ...others] } as Ladder,
    }
    const settle = (violationPrice: number) =>
      settleLead(hasty(), node, { ...options, violationPrice }, new Random(5))
    expect([0, 100].map((price) => isLeftToRule(settle(price)))).toEqual([true, false])
  })

  it('replays from its seed', () => {
    const settle = () => settleLead(hasty(), PAIRS_NODE, options, new Random(6))
    expect(settle()).toEqual(settle())
  })

  it.each(['none', 'true'] as const)('is settled with the arrival rate known as "%s"', (known) => {
    const knowing = { ...options, rateKnowledge: known }
    const settled = settleLead(good, PAIRS_NODE, knowing, new Random(5))
    expect(isLeftToRule(settled)).toBe(false)
  })

  it('skips workloads without requests', () => {
    const none = { arrivalsMs: new Float64Array(0), rates: [], family: 'none' }
    const settled = settleLead(good, PAIRS_NODE, { ...options, draw: () => none }, new Random(5))
    expect(isLeftToRule(settled)).toBe(true)
  })
})
