/**
 * How much better than uniform-fit's choice the network must find another: an extra lead for the prior, settled after training on
 * workloads of their own. What a network has not learned well it then leaves to the rule.
 */
import type { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import {
  drawTrainingWorkload,
  type TrainingWorkload,
} from '../../simulation/workload/training-mix.ts'
import { trueRate } from '../../simulation/workload/true-rate.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { uniformFitDrop } from '../policies/uniform-fit.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import { nodeScale, type TrainingNode } from './training-node.ts'

/** Leaves every decision to the rule. */
const WHOLE_LEAD = 1000
/** Added to the prior's logit. */
const LEADS: readonly number[] = [0, 1, 2, 4, WHOLE_LEAD]
const WORKLOADS = 24
/** To be worse than the rule counts so many times as much as to be better. */
const LOSS_WEIGHT = 3

export interface LeadOptions {
  /** Of one workload, about. */
  readonly requests: number
  /** What a violation costs beyond its lost accuracy, in answers of the most accurate variant. */
  readonly violationPrice: number
  readonly rateKnowledge?: 'none' | 'true' | undefined
  /** Draws one workload. Default: the training mix. */
  readonly draw?: ((requests: number, random: Random) => TrainingWorkload) | undefined
}

/** Whether no lead but the whole one was good enough: then nothing was learned. */
export function isLeftToRule({ priorLogit }: LearnedNetwork): boolean {
  return priorLogit >= WHOLE_LEAD
}

/** @returns the network with the lead of the highest score: its mean gain over the rule, losses counting more */
export function settleLead(
  network: LearnedNetwork,
  node: TrainingNode,
  { requests, violationPrice, rateKnowledge, draw }: LeadOptions,
  random: Random,
): LearnedNetwork {
  const candidates = LEADS.map((lead) => {
    return { ...network, priorLogit: network.priorLogit + lead }
  })
  const mostAccurate = node.ladder.variants.at(-1)?.accuracyPercent as number
  const scores = new Float64Array(candidates.length)
  for (let index = 0; index < WORKLOADS; index++) {
    const of = random.fork(`workload ${index}`)
    const workload = draw?.(requests, of) ?? drawTrainingWorkload(requests, nodeScale(node), of)
    if (workload.arrivalsMs.length === 0) continue
    const known = rateKnowledge === 'true' ? trueRate(workload.rates) : rateKnowledge
    const worth = (policy: SchedulingPolicy) => {
      const simulated = new ServingNode({
        ...node,
        requests: requestsOf(workload.arrivalsMs, node.deadlineMs),
        random: of.fork('service'),
        ...(known && { rateKnowledge: known }),
      })
      const { effectiveAccuracyPercent, violationPercent } = simulated.run(policy)
      return effectiveAccuracyPercent - (violationPrice * mostAccurate * violationPercent) / 100
    }
    const ruleWorth = worth(uniformFitDrop())
    for (const [at, candidate] of candidates.entries()) {
      const gain = worth(new NetworkPolicy(candidate)) - ruleWorth
      scores[at] = scores[at] + (gain < 0 ? LOSS_WEIGHT * gain : gain)
    }
  }
  return candidates[scores.indexOf(Math.max(...scores))]
}
