/**
 * How much better than the rule's choice the network must find another: an extra lead for the prior, settled after training on
 * workloads of their own. What a network has not learned well it then leaves to the rule.
 */
import type { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import { anticipatingFit } from '../policies/anticipating-fit.ts'
import { NetworkPolicy } from '../policies/network.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import {
  knowledgeOf,
  largestVariant,
  type TrainingNode,
  type TrainingOptions,
  workloadsOf,
} from './training-node.ts'

/** Leaves every decision to the rule. */
const WHOLE_LEAD = 1000
/** Added to the prior's logit. */
const LEADS: readonly number[] = [0, 1, 2, 4, WHOLE_LEAD]
const WORKLOADS = 24
/** To be worse than the rule counts so many times as much as to be better. */
const LOSS_WEIGHT = 3

/** Of the trainer. */
type LeadOptions = Pick<TrainingOptions, 'draw' | 'rateKnowledge'> &
  Required<Pick<TrainingOptions, 'requests' | 'violationPrice'>>

/** Whether no lead but the whole one was good enough: then nothing was learned. */
export function isLeftToRule({ priorLogit }: LearnedNetwork): boolean {
  return priorLogit >= WHOLE_LEAD
}

/**
 * @param options requests: of one workload, for each worker
 * @returns the network with the lead of the highest score: its mean gain over the rule, losses counting more
 */
export function settleLead(
  network: LearnedNetwork,
  node: TrainingNode,
  options: LeadOptions,
  random: Random,
): LearnedNetwork {
  const { violationPrice, rateKnowledge } = options
  const requests = options.requests * node.workers
  const draw = workloadsOf(node, options.draw)
  const candidates = LEADS.map((lead) => {
    return { ...network, priorLogit: network.priorLogit + lead }
  })
  const mostAccurate = largestVariant(node).accuracyPercent
  const scores = new Float64Array(candidates.length)
  for (let index = 0; index < WORKLOADS; index++) {
    const of = random.fork(`workload ${index}`)
    const workload = draw(requests, of)
    if (workload.arrivalsMs.length === 0) continue
    const worth = (policy: SchedulingPolicy) => {
      const simulated = new ServingNode({
        ...node,
        requests: requestsOf(workload.arrivalsMs, node.deadlineMs),
        random: of.fork('service'),
        ...knowledgeOf(workload, rateKnowledge),
      })
      const { effectiveAccuracyPercent, violationPercent } = simulated.run(policy)
      return effectiveAccuracyPercent - (violationPrice * mostAccurate * violationPercent) / 100
    }
    const ruleWorth = worth(anticipatingFit())
    for (const [at, candidate] of candidates.entries()) {
      const gain = worth(new NetworkPolicy(candidate)) - ruleWorth
      scores[at] = scores[at] + (gain < 0 ? LOSS_WEIGHT * gain : gain)
    }
  }
  return candidates[scores.indexOf(Math.max(...scores))]
}
